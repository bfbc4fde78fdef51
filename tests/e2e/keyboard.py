"""A person with a keyboard and nothing else, and how much they had to press."""

import re
from typing import NamedTuple

from playwright.sync_api import Locator, Page

MOST_TABS = 150
# The outline, or the shadow that some themes draw in its place; the whole page in focus is no stop.
_FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body || element.id === "main") return null;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  return {
    name: `${element.tagName.toLowerCase()} ${(element.innerText || element.name || element.id || "").slice(0, 40)}`,
    outline: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1,
    shadow: style.boxShadow !== "none",
    seen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0
      && box.left < innerWidth,
  };
}"""


class Count(NamedTuple):
    """keys: Tab, Enter, Space, arrows and shortcuts, a chord being one. typed: characters of names and passwords.
    loads: documents loaded."""

    keys: int
    typed: int
    loads: int


class Keyboard:
    """The keyboard at a page; counts what is pressed on it and what is loaded by that.

    hidden: the stops of the focus that could not be seen, by name.
    """

    def __init__(self, page: Page) -> None:
        self.page = page
        self.keys = self.typed = self.loads = 0
        self.hidden: list[str] = []
        page.on("domcontentloaded", self._loaded)

    def _loaded(self, page: Page) -> None:
        self.loads += 1

    @property
    def count(self) -> Count:
        return Count(self.keys, self.typed, self.loads)

    def press(self, key: str, times: int = 1) -> None:
        """Press a key or a chord that is not text."""
        for _time in range(times):
            self._look()
            self.page.keyboard.press(key)
            self.keys += 1

    def write(self, text: str) -> None:
        """Type text into what has the focus."""
        self._look()
        self.page.keyboard.type(text)
        self.typed += len(text)

    def tab_to(self, target: Locator, *, back: bool = False) -> None:
        """Press Tab, or Shift and Tab, until the target has the focus."""
        target.wait_for(state="attached")
        for _time in range(MOST_TABS):
            self.press("Shift+Tab" if back else "Tab")
            if target.evaluate("element => element === document.activeElement"):
                return
        raise AssertionError(f"{MOST_TABS} tabs do not lead to {target}")

    def load(self, key: str = "Enter") -> None:
        """Press a key that loads another page, and wait for that."""
        with self.page.expect_event("domcontentloaded"):
            self.press(key)
        self.page.wait_for_load_state()

    def _look(self) -> None:
        """See where the next key goes."""
        focus = self.page.evaluate(_FOCUS)
        if focus is not None and not (focus["seen"] and (focus["outline"] or focus["shadow"])):
            self.hidden.append(re.sub(r"\s+", " ", focus["name"]))
