// Loaded before the first paint: a remembered theme must not flash the other one.
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch (error) {
    // Storage may be switched off; the system's theme then stands.
  }
})();
