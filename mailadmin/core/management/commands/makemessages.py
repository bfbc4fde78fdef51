"""`manage.py makemessages`: collect the texts of pages into locale/, sorted and without line numbers.

Commands speak English, so theirs are left out.
"""

from typing import Any

from django.conf import settings
from django.core.management.commands import makemessages

SKIPPED = [
    "tests/*",
    "var/*",
    "*/management/*",
    "mailadmin/core/commands/*",
    "templates/mailserver/*",
    "templates/styleguide*",
]


class Command(makemessages.Command):
    """Django's command for all languages of the panel, written so that changes are easy to read."""

    # A guess that looks like a translation is worse than none.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--sort-output", "--no-wrap", "--no-fuzzy-matching"]
    msguniq_options = [*makemessages.Command.msguniq_options, "--sort-output", "--no-wrap"]
    msgattrib_options = [*makemessages.Command.msgattrib_options, "--sort-output", "--no-wrap"]

    def handle(self, *args: Any, **options: Any) -> str | None:
        languages = [code for code, _name in settings.LANGUAGES if code != "en"]
        given = options["locale"] or [
            f"{language}_{country.upper()}" if country else language
            for language, _dash, country in (code.partition("-") for code in languages)
        ]
        options.update(
            locale=given,
            no_location=True,
            no_obsolete=True,
            no_wrap=True,
            extensions=options["extensions"] or ["html", "txt", "py", "jinja"],
            ignore_patterns=[*options["ignore_patterns"], *SKIPPED],
        )
        return super().handle(*args, **options)
