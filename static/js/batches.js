/* Batches that wait for finance: one box ticks all of a batch or none, and beside the buttons stands how many are
   ticked. Without it each row is ticked by itself. */
"use strict";

for (const form of document.querySelectorAll(".batch form")) {
  const boxes = Array.from(form.querySelectorAll('input[name="target"]:enabled'));
  const all = form.querySelector("[data-tick-all]");
  const said = form.querySelector("[data-ticked]");
  if (!all || !said) continue;
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    said.textContent = `${ticked} of ${boxes.length} ticked`;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  form.addEventListener("change", count);
  window.addEventListener("pageshow", count); // a browser that goes back keeps what was ticked
  count();
}
