"""Texts that will be mailed."""

import pytest

from mailadmin.core.errors import Invalid
from mailadmin.core.texts import MAX_LINE, check_text


def test_a_long_paragraph_is_broken_at_blanks() -> None:
    paragraph = "Grüße aus dem Urlaub! " * 200
    checked = check_text(f"Hello,\r\n\r\n{paragraph}\r\nAnna", "body", max_bytes=20_000)
    lines = checked.split("\n")
    assert all(len(line.encode()) <= MAX_LINE for line in lines)
    assert lines[:2] == ["Hello,", ""] and lines[-1] == "Anna"
    assert " ".join(lines[2:-1]).split() == paragraph.split()


@pytest.mark.parametrize("letter", ["a", "ä", "字", "😀"])
def test_a_long_word_is_broken_between_letters(letter: str) -> None:
    checked = check_text(letter * 2000, "body", max_bytes=20_000)
    assert all(len(line.encode()) <= MAX_LINE for line in checked.split("\n"))
    assert checked.replace("\n", "") == letter * 2000


def test_other_lines_stay_as_they_are() -> None:
    text = "  indented\n\n" + "x" * MAX_LINE + "\n.\nend"
    assert check_text(text, "body", max_bytes=20_000) == text.strip()


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(Invalid):
        check_text("\ud800" * 2000, "body", max_bytes=20_000)
