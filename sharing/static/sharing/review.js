// Keys for people who review all day. Every key has a button; the keys can be switched off.
(function () {
  "use strict";
  var STORE = "review-keys";
  var box = document.querySelector("[data-review-keys]");
  if (!box) return;
  var button = box.querySelector("button");
  var list = box.querySelector("[data-keys-list]");

  function on() {
    try { return window.localStorage.getItem(STORE) !== "off"; } catch (error) { return true; }
  }
  function show() {
    button.textContent = button.getAttribute(on() ? "data-off" : "data-on");
    button.setAttribute("aria-pressed", on() ? "true" : "false");
  }
  button.addEventListener("click", function () {
    try { window.localStorage.setItem(STORE, on() ? "off" : "on"); } catch (error) { return; }
    show();
  });
  box.hidden = false;
  show();

  function rows() { return Array.prototype.slice.call(document.querySelectorAll("[data-row] a")); }
  function move(step) {
    var links = rows();
    if (!links.length) return;
    var here = links.indexOf(document.activeElement);
    var next = here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step;
    links[Math.min(Math.max(next, 0), links.length - 1)].focus();
  }
  function press(name) {
    var found = document.querySelector("[data-key='" + name + "']");
    if (!found) return;
    if (found.matches("input, textarea")) found.focus(); else found.click();
  }
  var keys = {
    j: function () { move(1); }, k: function () { move(-1); },
    o: function () { if (document.activeElement.matches("[data-row] a")) document.activeElement.click(); else press("o"); },
    a: function () { press("a"); }, h: function () { press("h"); }, u: function () { press("u"); },
    r: function () { press("n"); }, n: function () { press("n"); }, "/": function () { press("/"); },
    "?": function () { list.open = !list.open; }
  };
  document.addEventListener("keydown", function (event) {
    if (!on() || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input, textarea, select")) return;
    var act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
