// Matches under the search box while one types: a combobox with its list. Without this file the form leads to the results.
"use strict";

(() => {
  const input = document.getElementById("search");
  const panel = document.getElementById("search-panel");
  if (!input || !panel) return;
  let before = null;
  let wanted = false;

  const hits = () => [...panel.querySelectorAll("a[role=option]")];
  const active = () => panel.querySelector('[aria-selected="true"]');
  const isOpen = () => !panel.hidden;

  function mark(hit) {
    active()?.setAttribute("aria-selected", "false");
    if (!hit) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    hit.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", hit.id);
    hit.scrollIntoView({ block: "nearest" });
  }

  function show(open) {
    panel.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) mark(null);
  }

  // The first arrow down goes to the first match; "All results", which Enter opens anyway, stands before it.
  function move(step) {
    const all = hits();
    const place = all.indexOf(active());
    if (place < 0) mark(all[step > 0 ? Math.min(1, all.length - 1) : all.length - 1]);
    else mark(all[(place + step + all.length) % all.length]);
  }

  function close() {
    wanted = false;
    show(false);
  }

  function reopen() {
    wanted = input.value.trim() !== "";
    if (!wanted) return;
    if (hits().length) show(true);
    else htmx.trigger(input, "again");
  }

  // The first Escape closes the list and the second leaves; the text stays, which browsers would clear.
  function escape() {
    if (isOpen()) close();
    else if (before?.isConnected && before !== document.body) before.focus();
    else input.blur();
  }

  const keys = {
    ArrowDown: () => (isOpen() ? move(1) : reopen()),
    ArrowUp: () => (isOpen() ? move(-1) : reopen()),
    Escape: escape,
  };

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", "search-hits");
  input.setAttribute("aria-haspopup", "listbox");
  show(false);

  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const hit = event.key === "Enter" && isOpen() && active();
    if (!hit && !keys[event.key]) return;
    event.preventDefault();
    if (hit) hit.click();
    else keys[event.key]();
  });
  input.addEventListener("focus", (event) => { before = event.relatedTarget; });
  input.addEventListener("click", () => { if (!isOpen()) reopen(); });
  input.addEventListener("input", () => {
    mark(null);
    wanted = input.value.trim() !== "";
    if (!wanted) close();
  });
  // A click on a match shall not take the focus, and close the list, before it counts.
  panel.addEventListener("mousedown", (event) => event.preventDefault());
  input.addEventListener("blur", close);
  // An answer may come after the word was deleted or the list closed.
  panel.addEventListener("htmx:afterSwap", (event) => {
    if (event.target === panel) show(wanted && hits().length > 0);
  });
})();
