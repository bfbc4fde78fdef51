"""The five commonest tasks with the keyboard alone, in as few presses as docs/usability.md says."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.demo import PASSWORD, PEOPLE, demo_panel
from tests.e2e.five_tasks import TASKS
from tests.e2e.keyboard import Count, Keyboard
from tests.e2e.people import sign_in
from tests.servers.panel import ROOT, Panel

pytestmark = pytest.mark.slow

DOC = ROOT / "docs" / "usability.md"


@pytest.fixture(scope="module")
def demo() -> Iterator[Panel]:
    with demo_panel() as panel:
        yield panel


def documented(doc: Path = DOC) -> dict[str, Count]:
    """Return what the table says of the panel: the task, then keys, characters and pages."""
    row = re.compile(r"^\| ([A-Z][^|]+?) \| (\d+) \| (\d+) \| (\d+) \|", re.MULTILINE)
    return {task: Count(*map(int, numbers)) for task, *numbers in row.findall(doc.read_text())}


def test_the_document_has_the_five_tasks() -> None:
    assert list(documented()) == list(TASKS)


@pytest.mark.parametrize("task", TASKS)
def test_a_task_takes_what_is_documented(demo: Panel, window: Callable[..., Any], task: str) -> None:
    page = window(base_url=demo.url).page()
    sign_in(page, PEOPLE["superadmin"], PASSWORD)
    page.get_by_role("button", name="Admin: manage domains").click()
    expect(page).to_have_url(demo.url + "/")
    page.wait_for_load_state()
    keyboard = Keyboard(page)
    TASKS[task](keyboard)
    assert keyboard.hidden == [], "the focus stops where it cannot be seen"
    assert keyboard.count == documented()[task]
