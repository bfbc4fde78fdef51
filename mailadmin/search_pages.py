"""The places of the panel, found by their names."""

import re
import unicodedata
from typing import NamedTuple

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy

from mailadmin.core.actor import Actor
from mailadmin.core.frame import PLACES
from mailadmin.core.permissions import Permission, can

_WORD = re.compile(r"\w+")


class Page(NamedTuple):
    """A page that anybody with the permission may open, and what it is called."""

    label: object
    url_name: str
    icon: str
    permission: Permission


# Beside the places of the rail.
PAGES = (
    Page(gettext_lazy("New domain"), "domain_create", "plus", Permission.DOMAIN_CREATE),
    Page(gettext_lazy("New admin"), "admin_create", "plus", Permission.ADMIN_MANAGE),
    Page(gettext_lazy("Jobs"), "job_list", "queue-list", Permission.MAILBOX_UPDATE),
    Page(gettext_lazy("Change password"), "account_password", "key", Permission.PASSWORD_CHANGE_OWN),
)


class Found(NamedTuple):
    """A page as a result."""

    name: str
    url: str
    icon: str


def find_pages(actor: Actor, q: str) -> list[Found]:
    """Return the pages of the actor in whose names a word begins with each word of the question."""
    asked = _words(q)
    places = [(str(place.label), place.url_name, place.icon) for place in PLACES.get(str(actor.kind), ())]
    places += [(str(page.label), page.url_name, page.icon) for page in PAGES if can(actor, page.permission)]
    found = (Found(label, _url(url_name), icon) for label, url_name, icon in places if _answers(_words(label), asked))
    return [page for page in found if page.url]


def _answers(words: list[str], asked: list[str]) -> bool:
    return bool(asked) and all(any(word.startswith(part) for word in words) for part in asked)


def _words(text: str) -> list[str]:
    """Return the words in lower case and without accents, which nobody types in a hurry."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return _WORD.findall(plain.casefold())


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""  # An installation may leave a part out of its URLs.
