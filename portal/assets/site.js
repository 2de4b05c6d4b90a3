// Small comforts. Every page works without this file.
(function () {
  "use strict";

  // After a form came back with errors, the summary is where the reader should be.
  function focusErrors(root) {
    var box = root.querySelector("[data-focus]");
    if (box) box.focus();
  }

  // A second press on "Send" while the first is under way does nothing.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.dataset.sent && !form.hasAttribute("data-again")) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    window.setTimeout(function () { delete form.dataset.sent; }, 4000);
  });

  document.addEventListener("click", function (event) {
    var target = event.target.closest("[data-print], [data-copy]");
    if (!target) return;
    if (target.hasAttribute("data-print")) { event.preventDefault(); window.print(); return; }
    var source = document.getElementById(target.getAttribute("data-copy"));
    if (source && navigator.clipboard) navigator.clipboard.writeText(source.textContent.trim());
  });

  // Changing a filter asks for the new list at once; the button remains for everyone else.
  document.addEventListener("change", function (event) {
    var form = event.target.closest("form[data-autosubmit]");
    if (form) form.requestSubmit();
  });

  // A link to a place inside closed details opens them.
  function openTarget() {
    var id = decodeURIComponent(window.location.hash.slice(1));
    var node = id && document.getElementById(id);
    for (; node; node = node.parentElement) if (node.tagName === "DETAILS") node.open = true;
  }

  // Two minutes before the session ends: say so, and let it live on with one press. The server
  // writes a session at most every five minutes, so its end may come that much sooner.
  var end = document.querySelector("[data-session-end]");
  function warnInTime() {
    window.setTimeout(function () { end.hidden = false; }, Math.max(0, (Number(end.dataset.sessionEnd) - 420) * 1000));
  }
  if (end) {
    warnInTime();
    end.addEventListener("submit", function (event) {
      event.preventDefault();
      event.stopPropagation();
      var body = new FormData(end);
      body.set("quiet", "1");
      window.fetch(end.action, { method: "POST", body: body }).then(function (answer) {
        if (answer.status === 204) { end.hidden = true; warnInTime(); } else { window.location.reload(); }
      });
    });
  }

  // What only makes sense with a script is hidden until the script is here.
  document.querySelectorAll("[data-needs-script]").forEach(function (node) { node.hidden = false; });
  window.addEventListener("hashchange", openTarget);
  openTarget();
  focusErrors(document);
  document.addEventListener("htmx:after:swap", function (event) { focusErrors(event.target); });

  // Changing the language keeps what was typed: it waits in this tab until the page is back.
  // Passwords, files and hidden fields are never kept.
  var kept = "typed:" + window.location.pathname;
  function fields() {
    return Array.prototype.filter.call(document.querySelectorAll("main input, main select, main textarea"), function (field) {
      return field.name && ["password", "file", "hidden", "submit"].indexOf(field.type) < 0;
    });
  }
  document.addEventListener("submit", function (event) {
    if (!event.target.hasAttribute("data-language")) return;
    var values = fields().map(function (field) { return [field.name, field.value, field.checked]; });
    window.sessionStorage.setItem(kept, JSON.stringify(values));
  }, true);
  var typed = window.sessionStorage.getItem(kept);
  if (typed) {
    window.sessionStorage.removeItem(kept);
    var values = JSON.parse(typed);
    fields().forEach(function (field, index) {
      var value = values[index];
      if (!value || value[0] !== field.name) return;
      if (field.type === "checkbox" || field.type === "radio") field.checked = value[2]; else field.value = value[1];
    });
  }

  // A passkey or key: as the second step at sign-in, and when one is added.
  var forms = window.allauth && window.allauth.webauthn && window.allauth.webauthn.forms;
  var asked = document.getElementById("mfa_webauthn_authenticate");
  if (asked && forms) {
    forms.authenticateForm({ ids: { authenticate: asked.id, credential: asked.dataset.credential, data: "js_data" } });
  }
  var added = document.getElementById("mfa_webauthn_add");
  if (added && forms) {
    forms.addForm({ ids: { add: added.id, passwordless: added.dataset.passwordless, credential: added.dataset.credential, data: "js_data" } });
  }
  document.addEventListener("allauth.error", function (event) {
    var notice = document.getElementById("key_did_not_answer");
    if (!notice) return;
    event.preventDefault();
    document.querySelector("main h1").after(notice);
    notice.hidden = false;
    notice.focus();
  });
})();
