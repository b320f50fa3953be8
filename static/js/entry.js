/* Entering actuals: a block copied from a spreadsheet fills the fields from the one in focus on, a line for each tier.
   A field by itself would join the lines of a block to one number. */
"use strict";

for (const form of document.querySelectorAll("[data-entry]")) {
  const lines = Array.from(form.querySelectorAll(".entry-line"), (line) =>
    Array.from(line.querySelectorAll('input[inputmode="decimal"]')),
  );
  form.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text").replace(/\r/g, "").replace(/\n$/, "");
    const row = lines.findIndex((inputs) => inputs.includes(event.target));
    if (row < 0 || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    const from = lines[row].indexOf(event.target);
    text.split("\n").forEach((line, down) => {
      line.split("\t").forEach((value, right) => {
        const input = lines[row + down]?.[from + right];
        if (input) input.value = value.trim();
      });
    });
  });
}
