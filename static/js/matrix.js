/* The matrix as a grid: one stop of the keyboard, arrows, Home and End move, Enter opens a cell. The card of a cell opens
   to where there is room, Escape closes it, and on a touch screen the first tap shows it, the second opens the cell.
   Without this each name and cell is a link, and cards open below it. */
"use strict";

(() => {
  const table = document.querySelector("table[data-matrix]");
  if (!table) return;
  const all = table.querySelectorAll("a");
  const own = (cell) => Array.from(cell.querySelectorAll(":scope > a, :scope > div:not(.card) > a"));
  const inRow = (row) => Array.from(row.cells).flatMap(own);
  const rows = Array.from(table.rows).filter((row) => inRow(row).length);
  const cellOf = (link) => link.closest("td, th");

  /* One stop: all links but the current one are left out of the order. */
  let current = null;
  const stopAt = (link) => {
    if (current) current.tabIndex = -1;
    current = link;
    current.tabIndex = 0;
  };
  table.setAttribute("role", "grid");
  for (const link of all) link.tabIndex = -1;
  stopAt(table.querySelector("tbody td > a"));

  const go = (link) => {
    if (!link) return;
    stopAt(link);
    link.focus();
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const beside = (link, step) => {
    const links = inRow(link.closest("tr"));
    return links[links.indexOf(link) + step];
  };
  const above = (link, step) => {
    const place = cellOf(link).cellIndex;
    for (let at = rows.indexOf(link.closest("tr")) + step; rows[at]; at += step) {
      const found = own(rows[at].cells[place])[0];
      if (found) return found;
    }
    return null;
  };
  const body = () => rows.filter((row) => row.closest("tbody"));
  const moves = {
    ArrowRight: (link) => beside(link, 1),
    ArrowLeft: (link) => beside(link, -1),
    ArrowDown: (link) => above(link, 1),
    ArrowUp: (link) => above(link, -1),
    Home: (link, far) => inRow(far ? body()[0] : link.closest("tr"))[0],
    End: (link, far) => inRow(far ? body().at(-1) : link.closest("tr")).at(-1),
  };
  table.addEventListener("keydown", (event) => {
    const link = event.target.closest("a");
    const move = moves[event.key];
    if (!move || !link || event.altKey || event.metaKey || event.shiftKey) return;
    if (event.ctrlKey && !["Home", "End"].includes(event.key)) return;
    event.preventDefault();
    go(move(link.closest(".card") ? own(cellOf(link))[0] : link, event.ctrlKey));
  });

  /* Cards. */
  const place = (cell) => {
    const card = cell.querySelector(":scope > .card");
    if (!card) return;
    cell.classList.add("asked");
    const { top, bottom } = cell.getBoundingClientRect();
    cell.classList.toggle("up", bottom + card.offsetHeight > window.innerHeight && top > card.offsetHeight);
    cell.classList.remove("asked");
  };
  const open = () => table.querySelector("td.open");
  const shut = (cell) => {
    cell.classList.remove("open");
    cell.classList.add("shut");
  };
  table.classList.add("placed");
  table.addEventListener("pointerover", ({ target }) => {
    const cell = target.closest("td");
    if (cell && !target.closest(".card")) place(cell);
  });
  table.addEventListener("focusin", ({ target }) => {
    if (!target.closest(".card")) stopAt(target);
    const cell = target.closest("td");
    if (cell) place(cell);
  });
  for (const gone of ["pointerout", "focusout"]) {
    table.addEventListener(gone, ({ target, relatedTarget }) => {
      const cell = target.closest("td.shut");
      if (cell && !cell.contains(relatedTarget)) cell.classList.remove("shut");
    });
  }
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    for (const cell of table.querySelectorAll("td:hover, td:focus-within, td.open")) shut(cell);
  });

  /* A finger has no hover: the first tap shows the card, a tap beside it closes it. */
  let touched = false;
  document.addEventListener("pointerdown", ({ pointerType, target }) => {
    touched = pointerType === "touch";
    const cell = open();
    if (cell && !cell.contains(target)) cell.classList.remove("open");
  });
  table.addEventListener("click", (event) => {
    const link = event.target.closest("td > a");
    const cell = link && cellOf(link);
    if (!touched || !cell || cell.classList.contains("open")) return;
    event.preventDefault();
    stopAt(link);
    place(cell);
    cell.classList.remove("shut");
    cell.classList.add("open");
  });
})();
