// Puts what comes late into the slot kept for it. What does not come leaves the slot's link as it is.
for (const slot of document.querySelectorAll("[data-part]")) {
  fetch(slot.dataset.part, { signal: AbortSignal.timeout?.(4000) })
    .then((answer) => (answer.status === 200 ? answer.text() : ""))
    .then((html) => {
      if (html && !slot.contains(document.activeElement)) slot.innerHTML = html;
    })
    .catch(() => {});
}
