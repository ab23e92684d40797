// The desk by keyboard, and focus and speech after a row changed in place. Every key has a control to click:
// rows are [data-row] with a link [data-main]; what a key does in a row is marked [data-key], where "g" goes [data-go].
(() => {
  "use strict";
  const find = (query, from = document) => from.querySelector(query);
  const all = (query) => [...document.querySelectorAll(query)];
  const dialog = find("#keys"), on = find("#keys-on"), said = find("#said"), failed = find("#failed");
  const kept = "desk-keys";
  try { on.checked = localStorage.getItem(kept) !== "off"; } catch { /* no storage: on */ }
  on.addEventListener("change", () => { try { localStorage.setItem(kept, on.checked ? "on" : "off"); } catch { /* as above */ } });
  const button = find("#show-keys");
  if (button) { button.hidden = false; button.addEventListener("click", () => dialog.showModal()); }

  // All rows at once, or none when all are chosen.
  const every = find("[data-choose]");
  function chooseAll() {
    if (!every) return false;
    const boxes = all(`input[type=checkbox][name="${every.dataset.choose}"]`);
    const choose = boxes.some((box) => !box.checked);
    for (const box of boxes) box.checked = choose;
    return true;
  }
  if (every) { every.hidden = false; every.addEventListener("click", chooseAll); }

  const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
  const rowOf = (element) => element.closest("[data-row]");

  function step(by) {
    const rows = all("[data-row]").filter((row) => find("[data-main]", row));
    if (!rows.length) return;
    const at = rows.indexOf(rowOf(document.activeElement));
    const to = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1);
    find("[data-main]", rows[to]).focus();
  }

  function act(key) {
    const rows = all("[data-row]");
    const row = rowOf(document.activeElement) || (rows.length === 1 ? rows[0] : null);
    const control = row && find(`[data-key="${key}"]`, row);
    if (!control) return false;
    if (control.tagName === "SUMMARY") {
      control.parentElement.open = true;
      find("input:not([type=hidden]), button", control.parentElement).focus();
    } else if (control.matches("input:not([type=checkbox])")) control.select();
    else control.click();
    return true;
  }

  function search() {
    const field = find("[data-find]");
    if (field) field.select(); else find('[data-go="o"]').click();
  }

  let going = -Infinity;
  document.addEventListener("keydown", (event) => {
    const element = event.target;
    if (event.key === "Escape") {
      const form = !dialog.open && element.closest("details.act[open]");
      if (form) { form.open = false; find("summary", form).focus(); }
      return;
    }
    if (!on.checked && event.key !== "?") return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || dialog.open || typing(element)) return;
    const went = event.timeStamp - going < 1500;
    going = -Infinity;
    const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    let used = true;
    if (went) { const link = find(`[data-go="${CSS.escape(event.key)}"]`); link ? link.click() : used = false; }
    else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
    else if (arrow && element.matches("[data-main]")) step(arrow);
    else if (event.key === "/") search();
    else if (event.key === "?") dialog.showModal();
    else if (event.key === "g") going = event.timeStamp;
    else if (event.key === "a") used = chooseAll();
    else if (/^[srctx]$/.test(event.key)) used = act(event.key);
    else used = false;
    if (used) event.preventDefault();
  });

  // A row that was answered anew gets the focus back, and what was done is said.
  let acted = "";
  document.addEventListener("htmx:beforeRequest", (event) => { acted = rowOf(event.target)?.id || ""; failed.hidden = true; });
  document.addEventListener("htmx:afterSettle", () => {
    const row = acted && document.getElementById(acted);
    if (!row) return;
    (find("[aria-invalid]", row) || find("[role=alert] ~ button", row) || find("[data-main]", row))?.focus();
    said.textContent = find("[data-said]", row)?.textContent || "";
  });
  const wrong = () => { failed.textContent = failed.dataset.text; failed.hidden = false; };
  document.addEventListener("htmx:responseError", wrong);
  document.addEventListener("htmx:sendError", wrong);
})();
