// Small comforts. Every page works without this file.
"use strict";

const root = document.documentElement;

function showTheme() {
  const theme = root.dataset.theme || "system";
  for (const button of document.querySelectorAll("[data-set-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.setTheme === theme));
  }
}

function setTheme(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch (error) {
    // Without storage the choice lasts for this page.
  }
  showTheme();
}

function toggleReveal(button) {
  const input = document.getElementById(button.getAttribute("aria-controls"));
  const shown = input.type === "password";
  input.type = shown ? "text" : "password";
  button.setAttribute("aria-pressed", String(shown));
  input.focus();
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (menu !== except) menu.open = false;
  }
}

function typing(element) {
  return element.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName);
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : root;
  closeMenus(target.closest("details.menu"));
  const theme = target.closest("[data-set-theme]");
  if (theme) setTheme(theme.dataset.setTheme);
  const reveal = target.closest("[data-reveal]");
  if (reveal) toggleReveal(reveal);
  const dismiss = target.closest("[data-dismiss]");
  if (dismiss) dismiss.closest(".toast").remove();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
    return;
  }
  const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target);
  const control = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k";
  const search = document.getElementById("search");
  if ((slash || control) && search) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

// Good news leaves by itself, unless someone is at it; everything else stays until it is dismissed.
const TOAST_MS = 8000;

function expireToasts() {
  for (const toast of document.querySelectorAll(".toast--good:not([data-expires])")) {
    toast.dataset.expires = "";
    const leave = () => {
      if (toast.matches(":hover, :focus-within")) setTimeout(leave, 1000);
      else toast.remove();
    };
    // Whoever reads slowly shall reach the button.
    setTimeout(leave, toast.querySelector("[data-undo]") ? 3 * TOAST_MS : TOAST_MS);
  }
}

document.addEventListener("htmx:oobAfterSwap", expireToasts);

// Undo presses the switch again where it stands on this page, so that the list stays as it is.
document.addEventListener("submit", (event) => {
  const undo = event.target.closest("[data-undo]");
  if (!undo) return;
  for (const form of document.querySelectorAll("form[hx-post]")) {
    const active = form.querySelector('input[name="active"]');
    if (form.getAttribute("hx-post") !== undo.getAttribute("action") || active?.value !== undo.dataset.undo) continue;
    event.preventDefault();
    undo.closest(".toast").remove();
    const button = form.querySelector("button");
    button.focus();
    button.click();
    return;
  }
});

// htmx sends the same token as the forms do.
document.addEventListener("htmx:configRequest", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.content;
});

// A request that the next one replaces, or the next page ends, is nothing to complain of.
if (window.htmx) {
  htmx.logger = (_elt, name, detail) => {
    if (name === "htmx:sendAbort" || name === "htmx:afterRequest") delete detail.error;
  };
}

// Where a fragment cannot be had, the whole page can: it says what is wrong, or asks to sign in.
document.addEventListener("htmx:responseError", (event) => {
  // What only hints at something while it is typed may fail: nobody shall lose a form over it.
  if (event.detail.elt.matches("[data-live]")) return;
  if (event.detail.requestConfig.verb === "get") location.assign(event.detail.pathInfo.finalRequestPath);
  else location.reload();
});

// One box ticks the rows of the page, and shows when it is only some of them.
function tickPage(event) {
  const label = document.querySelector("[data-all]");
  if (!label) return;
  const box = label.firstElementChild;
  const rows = [...document.querySelectorAll(`[name="${label.dataset.all}"][form="bulk"]`)];
  if (event?.target === box) for (const row of rows) row.checked = box.checked;
  const ticked = rows.filter((row) => row.checked).length;
  label.hidden = false;
  box.checked = ticked > 0 && ticked === rows.length;
  box.indeterminate = ticked > 0 && !box.checked;
}

document.addEventListener("change", tickPage);
document.addEventListener("htmx:afterSwap", tickPage);

function ready() {
  showTheme();
  tickPage();
  expireToasts();
  // On a phone the tabs are wider than the screen.
  const tab = document.querySelector(".tabs [aria-current]");
  if (tab) tab.closest(".tabs").scrollLeft = tab.offsetLeft - 40;
  const summary = document.querySelector("[data-focus]");
  if (summary && !document.querySelector("[autofocus]")) summary.focus();
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
else ready();
