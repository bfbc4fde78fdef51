"""Forms as a browser sends them: whatever the page put into them, with what a person changed."""

import html
from html.parser import HTMLParser
from typing import Any

from django.test import Client

Values = dict[str, list[str]]


class Form:
    """One form of a page: where it goes, and what its controls hold."""

    def __init__(self, action: str) -> None:
        self.action = action
        self.values: Values = {}
        self.boxes: dict[str, str] = {}

    def put(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)


class PageForms(HTMLParser):
    """The forms of a page that are sent by POST."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._text = ""
        self._name = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(found.get("action", "")) if found.get("method") == "post" else None
            self.forms += [self._form] if self._form else []
        elif self._form is None or "name" not in found:
            return
        elif tag == "input":
            self._input(self._form, found)
        elif tag == "textarea":
            self._name, self._text = found["name"], ""

    @staticmethod
    def _input(form: Form, found: dict[str, str]) -> None:
        if found.get("type") == "checkbox":
            form.boxes[found["name"]] = found.get("value", "on")
            if "checked" not in found:
                return
        form.put(found["name"], found.get("value", "on" if found.get("type") == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        self._text += data if self._name else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._form and self._name:
            # A browser leaves the first line break out and ends lines as SMTP does.
            text = self._text.removeprefix("\n").replace("\r\n", "\n").replace("\n", "\r\n")
            self._form.put(self._name, text)
            self._name = ""
        elif tag == "form":
            self._form = None


def press(client: Client, path: str, *, action: str = "", **changed: Any) -> None:
    """Open a page, change some controls of its form and send it; the form must be accepted.

    path: of the page. action: which of its forms, by its target; by default the form of the page itself.
    changed: new contents by name; True and False tick a box or not.
    """
    status, page = send(client, path, action=action, **changed)
    assert status == 302, page


def send(client: Client, path: str, *, action: str = "", **changed: Any) -> tuple[int, str]:
    """Do the same, and return status and text of the answer."""
    page = client.get(path)
    assert page.status_code == 200, path
    forms = [form for form in PageForms(page.content.decode()).forms if form.action == action]
    assert len(forms) == 1, f"{path}: {len(forms)} forms to {action or 'itself'}"
    values = dict(forms[0].values)
    for name, value in changed.items():
        if isinstance(value, bool):
            values[name] = [forms[0].boxes[name]] if value else []
        else:
            assert name in values, f"{path} has no {name}, only {sorted(values)}"
            values[name] = [value]
    answer = client.post(action or path, values)
    return answer.status_code, html.unescape(answer.content.decode())
