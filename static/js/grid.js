/* The grid of targets: arrow keys and Enter move as the eye does, a paste from a spreadsheet fills cells from the one
   in focus on, Escape puts back what was there, and a page with unsaved cells asks before it is left. Without it the
   grid is a form. */
"use strict";
(function () {
  const form = document.querySelector("[data-grid]");
  if (!form) {
    return;
  }
  // Lines as they are seen: of each row one of targets (of a range two), and one of plan values where they are shown.
  // A row that is not the person's to write has lines without inputs, so that a pasted block keeps its place.
  const lines = [];
  const places = new Map();
  form.querySelectorAll("table.grid tr[data-row]").forEach(function (row) {
    const cells = Array.from(row.querySelectorAll("td"), function (cell) {
      return Array.from(cell.querySelectorAll("input, .value"));
    });
    cells[0].forEach(function (field, number) {
      const fields = cells.map(function (inCell) { return inCell[number]; });
      const inputs = fields.map(function (one) { return one.matches("input") ? one : null; });
      inputs.forEach(function (input, column) {
        if (input) {
          places.set(input, [lines.length, column]);
        }
      });
      lines.push({ plan: field.classList.contains("plan"), inputs: inputs });
    });
  });
  const status = form.querySelector("[data-grid-status]");
  let saving = false;

  function focus(input) {
    input.focus();
    input.select();
  }

  function move(from, down, right) {
    let line = places.get(from)[0] + down;
    let column = places.get(from)[1] + right;
    while (lines[line] && column >= 0 && column < lines[line].inputs.length) {
      if (lines[line].inputs[column]) {
        focus(lines[line].inputs[column]);
        return;
      }
      line += down;
      column += right;
    }
  }

  function mark(cell) {
    const changed = Array.from(cell.querySelectorAll("input")).some(function (input) {
      return input.value.trim() !== input.defaultValue;
    });
    cell.classList.toggle("dirty", changed);
  }

  // Down over lines of the same kind: targets over targets, plan values over plan values.
  function linesFrom(input) {
    const start = places.get(input)[0];
    return lines.slice(start).filter(function (line) { return line.plan === lines[start].plan; });
  }

  function paste(input, text) {
    const from = places.get(input)[1];
    const targets = linesFrom(input);
    let filled = 0;
    let lost = 0;
    text.replace(/\r/g, "").replace(/\n$/, "").split("\n").forEach(function (line, down) {
      line.split("\t").forEach(function (value, right) {
        const target = targets[down] && targets[down].inputs[from + right];
        if (target) {
          target.value = value.trim();
          mark(target.closest("td"));
          filled += 1;
        } else if (value.trim()) {
          lost += 1;
        }
      });
    });
    say(filled, lost);
  }

  function say(filled, lost) {
    const counted = filled === 1 ? "1 cell is filled in" : filled + " cells are filled in";
    const without = lost === 1 ? "1 value found no field" : lost + " values found no field";
    status.textContent = counted + " and not saved yet." +
      (lost ? " " + without + ": beyond the grid, or in rows that are not yours to write." : "");
    status.classList.toggle("warning", lost > 0);
  }

  form.addEventListener("paste", function (event) {
    const text = event.clipboardData.getData("text");
    if (places.has(event.target) && /[\t\n]/.test(text.trim())) {
      event.preventDefault();
      paste(event.target, text);
    }
  });

  form.addEventListener("input", function (event) {
    if (places.has(event.target)) {
      mark(event.target.closest("td"));
    }
  });

  form.addEventListener("keydown", function (event) {
    const input = event.target;
    if (!places.has(input)) {
      return;
    }
    const whole = input.selectionStart === 0 && input.selectionEnd === input.value.length;
    const moves = {
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
      Enter: [event.shiftKey ? -1 : 1, 0],
      ArrowLeft: whole || input.selectionEnd === 0 ? [0, -1] : null,
      ArrowRight: whole || input.selectionStart === input.value.length ? [0, 1] : null,
    };
    if (event.key === "Escape") {
      input.value = input.defaultValue;
      mark(input.closest("td"));
    } else if (moves[event.key]) {
      event.preventDefault();
      move(input, moves[event.key][0], moves[event.key][1]);
    }
  });

  form.addEventListener("submit", function () {
    saving = true;
  });

  window.addEventListener("beforeunload", function (event) {
    if (!saving && form.querySelector("td.dirty")) {
      event.preventDefault();
    }
  });
})();
