// Forms while they are filled in. Whatever is told here is told again, or refused, when the form is sent.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);

  // The same alphabet as passwords made on the server; bytes beyond its last whole multiple would favour its beginning.
  function randomPassword(alphabet, length) {
    const limit = 256 - (256 % alphabet.length);
    let text = "";
    while (text.length < length) {
      const byte = crypto.getRandomValues(new Uint8Array(1))[0];
      if (byte < limit) text += alphabet[byte % alphabet.length];
    }
    return text;
  }

  function generate(button) {
    const input = byId(button.dataset.generate);
    input.value = randomPassword(button.dataset.alphabet, Number(button.dataset.length));
    input.type = "text";
    const reveal = document.querySelector(`[data-reveal][aria-controls="${input.id}"]`);
    if (reveal) reveal.setAttribute("aria-pressed", "true");
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function copy(button) {
    const source = byId(button.dataset.copy);
    const words = button.querySelector("[data-done]");
    const before = words.dataset.before || (words.dataset.before = words.textContent);
    await navigator.clipboard.writeText("value" in source ? source.value : source.textContent.trim());
    words.textContent = words.dataset.done;
    setTimeout(() => { words.textContent = before; }, 2000);
  }

  function showResult(line) {
    const suffix = line.dataset.suffix;
    const typed = byId(line.dataset.result).value.trim().toLowerCase();
    const address = typed.endsWith(suffix) ? typed : typed + suffix;
    line.textContent = address;
    line.classList.toggle("muted", !typed);
    // Its attribute, so that it does not count as a change.
    const username = line.closest("form").querySelector('[name="username"][hidden]');
    if (username) username.setAttribute("value", typed ? address : "");
  }

  function showResults() {
    document.querySelectorAll("[data-result]").forEach(showResult);
  }

  function isChanged(field) {
    if (!field.name || field.hidden || field.type === "hidden") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (!field.options) return field.value !== field.defaultValue;
    const options = [...field.options];
    const chosen = options.some((option) => option.defaultSelected);
    return chosen ? options.some((option) => option.selected !== option.defaultSelected) : field.selectedIndex > 0;
  }

  // A name typed to delete something is nothing to lose.
  const guarded = (form) => form.matches('form.form[method="post"]') && !form.querySelector(".button--danger-strong");
  let sent = null;

  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-generate], [data-copy], [data-print]");
    if (!button) return;
    if ("generate" in button.dataset) generate(button);
    else if ("copy" in button.dataset) copy(button);
    else window.print();
  });
  document.addEventListener("input", showResults);
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) sent = event.target;
  });
  window.addEventListener("pageshow", () => { sent = null; });
  window.addEventListener("beforeunload", (event) => {
    const open = [...document.forms].filter((form) => form !== sent && guarded(form));
    if (open.some((form) => [...form.elements].some(isChanged))) event.preventDefault();
  });

  // Browsers have no clipboard on a plain HTTP page.
  if (!navigator.clipboard) document.documentElement.classList.add("no-clipboard");
  showResults();
})();
