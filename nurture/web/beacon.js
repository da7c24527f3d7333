/* Tells the firm which of its pages somebody reads who came by a link in a mail. No cookies; nothing is kept in
   the browser unless nurture.consent(true) was called. */
(function (w, d) {
  "use strict";
  var key = "nurture", script = d.currentScript, base = script.src.replace(/\/b\.js.*$/, "");
  var visitor = "", agreed = false;
  function store(change) { try { return change(w.localStorage); } catch (e) { return null; } }
  function keep() {
    store(function (s) { if (agreed && visitor) s.setItem(key, visitor); else s.removeItem(key); });
  }
  var kept = store(function (s) { return s.getItem(key); });
  if (kept) { visitor = kept; agreed = true; }
  var came = /[?&]nv=([\w-]+)/.exec(location.search);
  if (came) {
    visitor = came[1];
    var rest = location.search.replace(/([?&])nv=[\w-]+(&|$)/, function (_, a, b) { return b ? a : ""; });
    w.history.replaceState(w.history.state, "", location.pathname + rest + location.hash);
    if (agreed) keep();
  }
  function visit() {
    if (!visitor) return;
    var told = JSON.stringify({ visitor: visitor, url: location.href.split("#")[0] });
    if (!(navigator.sendBeacon && navigator.sendBeacon(base + "/b", told)))
      w.fetch(base + "/b", { method: "POST", body: told, keepalive: true, credentials: "omit" });
  }
  d.addEventListener("submit", function (event) {
    var form = event.target;
    if (!visitor || String(form.getAttribute("action")).indexOf(base + "/f/") !== 0) return;
    var field = form.querySelector("input[name=_visitor]") || d.createElement("input");
    field.type = "hidden"; field.name = "_visitor"; field.value = visitor;
    form.appendChild(field);
  }, true);
  w.nurture = {
    visit: visit,
    questions: function (form, tell) {
      w.fetch(base + "/f/" + form + "/questions?visitor=" + visitor).then(function (a) { return a.json(); })
        .then(function (a) { tell(a.ask); });
    },
    consent: function (yes) { agreed = !!yes; if (!yes) visitor = ""; keep(); }
  };
  visit();
})(window, document);
