PORT ?= 8000
PYTHON = .venv/bin/python
# What the tests of one more database need not repeat: they start their own servers or always run on SQLite (the start of
# the panel, commands as processes), or do not touch the database (passwords, addresses, imports, texts and catalogues).
ONCE = $(addprefix --ignore=tests/,e2e servers $(addprefix core/test_,password_dovecot.py password_policy.py \
	password_reading.py password_writing.py addresses.py) test_architecture.py \
	test_languages.py test_marked_texts.py cli/test_process.py cli/test_start.py)
# What asks every database the same plain questions: forms, words, columns, commands, the steps of a job. `make test` asks
# MariaDB, `make prove` the two others as well.
ALIKE = $(addprefix tests/,cli test_live_forms.py test_language_choice.py test_settings.py test_walk.py test_bad_input.py \
	$(addprefix accounts/test_,admins.py columns.py damaged_passwords.py history.py own_account.py password_policy.py \
	recovery.py recovery_address.py rehash.py sign_in.py vacation.py vacation_page.py) mailprograms test_dashboard.py \
	$(addprefix adopt/test_,findings.py old_panel_gone.py two_table.py two_table_report.py) \
	$(addprefix aliases/test_,change.py columns.py create.py one_target_for_many.py) $(addprefix audit/test_,export.py log.py) \
	$(addprefix core/test_,branding.py converters.py limit_field.py limits.py templatetags.py texts.py) \
	$(addprefix domains/test_,alias_domain_forms.py columns.py domain_admins.py domain_forms.py domain_list.py pages.py rules.py) \
	$(addprefix jobs/test_,bulk.py delete_domain.py log_of_job.py parts.py) $(addprefix mailserver/test_,app_passwords.py challenge.py) \
	$(addprefix mailboxes/test_,columns.py create.py credentials.py delete.py detail.py edit.py forwarding.py handover.py \
	setup_links.py told_promise.py vacation.py vacation_overview.py weak_passwords.py))
# Beside them, what takes long and asks MariaDB already: jobs, each operation failing at each write, forty people at once,
# the program that replies to mail. SQLite's columns take what the stricter two take, and it has one writer at a time.
LONG_ON_SQLITE = $(ALIKE) $(addprefix tests/,jobs operations parallel sweep $(addprefix mailserver/,test_old_passwords.py responder))
# The growth of pages is asked at 100,000 rows there.
LONG_ON_MYSQL = $(addprefix tests/adopt/test_,latin1.py old_panel_reads.py) tests/jobs/test_parts.py tests/growth \
	$(addprefix tests/mailserver/test_,challenge.py vacation_transport.py)
# Its strictness is MariaDB's, but for a few kinds of values; the rest asks other servers what MariaDB's run asks them.
LONG_ON_POSTGRES = $(LONG_ON_SQLITE) tests/adopt/test_verify.py
# More than half of the work on MariaDB: what waits for other servers, and for processes and thousands of pages.
WITH_SERVERS = $(addprefix tests/,mailserver parallel servers)
WITH_PROCESSES = $(addprefix tests/,adopt cli test_bad_input.py)
# The rest in two halves.
FIRST_HALF = $(addprefix tests/,accounts aliases audit core domains)
# What other tests see in part already; and the way from browser to mail on SQLite.
LONG_IN_BROWSER = $(addprefix tests/e2e/test_,bulk.py inheritance.py search.py select_page.py styleguide.py time_zones.py \
	without_script.py)

.PHONY: help run demo screenshots production test test-mysql test-others test-servers test-adopt test-postgres test-sqlite test-browser prove bench lint install messages

help:
	@echo "make run    set everything up and serve the panel on http://127.0.0.1:$(PORT)/ (PORT=n to change)"
	@echo "make demo   fill an empty panel with a small hosting company, to look at and to try things on"
	@echo "make screenshots   show every screen of that company in var/screenshots"
	@echo "make production   install what a server with MariaDB or PostgreSQL needs"
	@echo "make test   install what the tests need and run all that CI runs"
	@echo "make lint   ruff, mypy and the import layers"
	@echo "make prove  the long tests against real servers (tests/prove)"
	@echo "make bench  measure the panel beside PostfixAdmin and write docs/performance.md (BENCH=--help for parts of it)"
	@echo "make messages   collect the texts of pages into locale/ and compile the translations"

.venv/bin/python:
	python3 -m venv .venv

.venv/requirements.installed: requirements.txt | .venv/bin/python
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

# Written beside and moved, so that a key is whole or not there. Settings read it before any command runs.
var/secret_key: | .venv/bin/python
	[ -d var ] || install -d -m 2770 var
	umask 077 && $(PYTHON) -c "import secrets; print(secrets.token_urlsafe(50))" >$@.new && mv $@.new $@

# Plain HTTP, and therefore on the loopback only: cookies cannot be Secure there.
run: .venv/requirements.installed var/secret_key
	SECURE_COOKIES=0 $(PYTHON) manage.py start --bind 127.0.0.1:$(PORT)

# Before the first `make run`, which makes an admin.
demo: .venv/requirements.installed var/secret_key
	SECURE_COOKIES=0 $(PYTHON) manage.py demo

screenshots: install
	$(PYTHON) -m tests.screenshots

# What a server with MariaDB or PostgreSQL needs; mysqlclient is compiled.
production: | .venv/bin/python
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-production.txt

install:
	tests/install

# A key of its own, so that neither the checks nor the type checker's plugin need a panel that is set up.
lint: export SECRET_KEY = only-for-lint-4Jt8zQkV0wYx2LmN6bRcHs9dPfGa7uEi3oTq1Zj5
lint: export SECURE_COOKIES = 1
lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	.venv/bin/lint-imports --no-logo
	$(PYTHON) manage.py check --deploy --fail-level WARNING
	$(PYTHON) manage.py makemigrations --check --dry-run

test: install
	$(MAKE) lint
	$(MAKE) --jobs=3 --output-sync=target test-browser test-servers test-mysql test-others test-adopt test-postgres test-sqlite

# Three at a time, for each waits for its servers a third of the time; each prints when it is done.
test-mysql:
	MAILADMIN_TEST_DB=mysql $(PYTHON) -m pytest $(FIRST_HALF)

test-others:
	MAILADMIN_TEST_DB=mysql $(PYTHON) -m pytest --ignore=tests/e2e $(addprefix --ignore=,$(FIRST_HALF) $(WITH_SERVERS) $(WITH_PROCESSES) $(LONG_ON_MYSQL))

test-servers:
	MAILADMIN_TEST_DB=mysql $(PYTHON) -m pytest $(WITH_SERVERS) $(addprefix --ignore=,$(LONG_ON_MYSQL))

test-adopt:
	MAILADMIN_TEST_DB=mysql $(PYTHON) -m pytest $(WITH_PROCESSES) $(addprefix --ignore=,$(LONG_ON_MYSQL))

test-postgres:
	MAILADMIN_TEST_DB=postgres $(PYTHON) -m pytest $(ONCE) $(addprefix --ignore=,$(LONG_ON_POSTGRES))

test-sqlite:
	MAILADMIN_TEST_DB=sqlite $(PYTHON) -m pytest $(ONCE) $(addprefix --ignore=,$(LONG_ON_SQLITE))

test-browser:
	MAILADMIN_TEST_DB=mysql $(PYTHON) -m pytest tests/e2e -k "not sqlite" $(addprefix --ignore=,$(LONG_IN_BROWSER))

prove: install
	$(PYTHON) -m pytest tests/prove $(LONG_IN_BROWSER)
	$(PYTHON) -m pytest tests/e2e -k sqlite
	MAILADMIN_TEST_DB=mysql $(PYTHON) -m pytest $(LONG_ON_MYSQL)
	TEST_WHOLE=1 MAILADMIN_TEST_DB=mysql $(PYTHON) -m pytest tests/test_bad_input.py
	MAILADMIN_TEST_DB=postgres $(PYTHON) -m pytest $(LONG_ON_POSTGRES)
	MAILADMIN_TEST_DB=sqlite $(PYTHON) -m pytest $(LONG_ON_SQLITE)

bench: install
	tests/bench/peer_install
	$(PYTHON) -m tests.bench $(BENCH)

# The compiled catalogues are committed, so that only whoever changes texts needs gettext.
messages: install
	$(PYTHON) manage.py makemessages
	$(PYTHON) manage.py compilemessages --ignore .venv --ignore var
