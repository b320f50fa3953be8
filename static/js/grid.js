/* The grid of targets: arrow keys and Enter move, a paste from a spreadsheet fills cells from the one in focus on,
   Escape puts back what was there, and a page with unsaved cells asks before it is left. Without it the grid is a form. */
"use strict";
(function () {
  const form = document.querySelector("[data-grid]");
  if (!form) {
    return;
  }
  const rows = Array.from(form.querySelectorAll("table.grid tr"))
    .map(function (row) { return Array.from(row.querySelectorAll("input")); })
    .filter(function (inputs) { return inputs.length > 0; });
  let saving = false;

  function place(input) {
    for (let row = 0; row < rows.length; row += 1) {
      const column = rows[row].indexOf(input);
      if (column >= 0) {
        return [row, column];
      }
    }
    return null;
  }

  function focus(row, column) {
    const input = rows[row] && rows[row][column];
    if (input) {
      input.focus();
      input.select();
    }
    return Boolean(input);
  }

  function mark(input) {
    input.closest("td").classList.toggle("dirty", input.value.trim() !== input.defaultValue);
  }

  function paste(input, text) {
    const start = place(input);
    const lines = text.replace(/\r/g, "").replace(/\n$/, "").split("\n");
    lines.forEach(function (line, down) {
      line.split("\t").forEach(function (cell, right) {
        const target = rows[start[0] + down] && rows[start[0] + down][start[1] + right];
        if (target) {
          target.value = cell.trim();
          mark(target);
        }
      });
    });
  }

  form.addEventListener("paste", function (event) {
    const text = event.clipboardData.getData("text");
    if (event.target.matches("table.grid input") && /[\t\n]/.test(text.trim())) {
      event.preventDefault();
      paste(event.target, text);
    }
  });

  form.addEventListener("input", function (event) {
    if (event.target.matches("table.grid input")) {
      mark(event.target);
    }
  });

  form.addEventListener("keydown", function (event) {
    const input = event.target;
    if (!input.matches("table.grid input")) {
      return;
    }
    const at = place(input);
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
      mark(input);
    } else if (moves[event.key]) {
      event.preventDefault();
      focus(at[0] + moves[event.key][0], at[1] + moves[event.key][1]);
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
