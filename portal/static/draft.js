// Keeps what an assessor has filled in on this device until it is sent: a venue's network comes and goes.
// Only answers and ids are kept, never names; they go when the form was taken, and after thirty days.
(() => {
  "use strict";
  const DAYS = 30;
  const all = (selector, inside = document) => Array.from(inside.querySelectorAll(selector));
  const show = (form, what) =>
    all("[data-draft-says]", form).forEach((one) => { one.hidden = one.dataset.draftSays !== what; });

  function read(key) {
    try {
      const kept = JSON.parse(localStorage.getItem(key));
      return kept && Date.now() - kept.at < DAYS * 864e5 ? kept.fields : {};
    } catch { return {}; }
  }

  function write(key, form) {
    const fields = Object.fromEntries(
      Array.from(new FormData(form)).filter(([, value]) => typeof value === "string" && value !== ""));
    try {
      localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields }));
      show(form, "kept");
    } catch { show(form, "full"); }
  }

  function fill(form, fields) {
    let filled = 0;
    for (const [name, value] of Object.entries(fields)) {
      const own = all("input, textarea", form).filter((one) => one.name === name);
      // What the server shows stands: it is newer than the draft, or came back with what is wrong.
      if (own.some((one) => (one.type === "radio" ? one.checked : one.value !== ""))) continue;
      for (const one of own) {
        if (one.type === "radio") one.checked = one.value === value;
        else if (one.type !== "file") one.value = value;
      }
      filled += 1;
    }
    if (filled) show(form, "back");
  }

  all("[data-draft-over]").forEach((one) => localStorage.removeItem(one.dataset.draftOver));
  all("form[data-draft]").forEach((form) => {
    const key = form.dataset.draft;
    fill(form, read(key));
    form.addEventListener("input", () => write(key, form));
    form.addEventListener("submit", (event) => {
      write(key, form);
      if (navigator.onLine) return;
      event.preventDefault();
      show(form, "offline");
    });
  });
})();
