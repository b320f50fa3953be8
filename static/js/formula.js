/* A KPI that was found by its name goes into the formula, where the cursor last stood. Without it the codes stand in a
   list below. */
"use strict";

for (const line of document.querySelectorAll("[data-insert-into]")) {
  const formula = document.getElementById(line.dataset.insertInto);
  const search = line.querySelector("input");
  if (!formula || !search) continue;
  const insert = () => {
    const code = search.value.trim();
    if (!code) return;
    const at = formula.selectionStart ?? formula.value.length;
    const before = formula.value.slice(0, at);
    const gap = before && !/[\s(]$/.test(before) ? " " : "";
    formula.setRangeText(gap + code, at, formula.selectionEnd ?? at, "end");
    search.value = "";
    formula.focus();
  };
  line.hidden = false;
  line.querySelector("button").addEventListener("click", insert);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    insert();
  });
}
