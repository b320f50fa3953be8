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
  const undo = form.querySelector("[data-undo]");
  const known = JSON.parse(form.elements.shown.value || "{}");
  let before = []; // what the last paste replaced
  let waiting = 0;
  let asked = 0;
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
    window.clearTimeout(waiting);
    waiting = window.setTimeout(ask, 250);
  }

  // The number as the server understands it stands beside the field while it is typed.
  async function ask() {
    const cells = Array.from(form.querySelectorAll("td.dirty"));
    if (!cells.length) {
      return;
    }
    const sent = new FormData();
    const shown = {};
    ["csrfmiddlewaretoken", "made"].forEach(function (name) {
      if (form.elements[name]) {
        sent.append(name, form.elements[name].value);
      }
    });
    const sign = form.querySelector('[name="decimal"]:checked');
    if (sign) {
      sent.append("decimal", sign.value);
    }
    cells.forEach(function (cell) {
      cell.querySelectorAll("input").forEach(function (input) { sent.append(input.name, input.value); });
      const name = nameOf(cell);
      if (known[name]) {
        shown[name] = known[name];
      }
    });
    sent.append("shown", JSON.stringify(shown));
    asked += 1;
    const mine = asked;
    try {
      const answer = await fetch(form.dataset.grid, { method: "POST", body: sent });
      const told = answer.ok ? await answer.json() : null;
      if (told && mine === asked) {
        cells.forEach(function (cell) { tell(cell, told.cells[nameOf(cell)] || {}); });
      }
    } catch {
      // Nothing is lost: saving says the same.
    }
  }

  function nameOf(cell) {
    return cell.querySelector("input").name.replace(/^[a-z_]+-/, "");
  }

  function tell(cell, told) {
    const beside = part(cell, cell, "beside");
    if (!told.problem) {
      cell.classList.remove("bad");
    }
    fill(part(cell, beside, "understood"), told.understood);
    fill(part(cell, cell, "doubt"), told.doubts);
    fill(part(cell, cell, "errors"), told.problem);
  }

  function part(cell, into, name) {
    let found = cell.querySelector("." + name);
    if (!found) {
      found = document.createElement("span");
      found.className = name;
      if (name === "beside") {
        into.append(found);
      } else {
        into.insertBefore(found, name === "understood" ? into.firstChild : into.querySelector(".beside"));
      }
    }
    return found;
  }

  function fill(found, text) {
    found.textContent = text || "";
    found.hidden = !text;
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
    before = [];
    text.replace(/\r/g, "").replace(/\n$/, "").split("\n").forEach(function (line, down) {
      line.split("\t").forEach(function (value, right) {
        const target = targets[down] && targets[down].inputs[from + right];
        if (target) {
          before.push([target, target.value]);
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
    undo.hidden = !filled;
  }

  if (undo) {
    undo.addEventListener("click", function () {
      before.reverse().forEach(function (pair) {
        pair[0].value = pair[1];
        mark(pair[0].closest("td"));
      });
      status.textContent = "The paste is undone: what stood there before stands there again.";
      status.classList.remove("warning");
      undo.hidden = true;
      if (before.length) {
        focus(before[before.length - 1][0]);
      }
      before = [];
    });
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

  const wrong = form.querySelector("[aria-invalid]");
  if (wrong) {
    focus(wrong);
  }

  form.addEventListener("submit", function () {
    saving = true;
  });

  window.addEventListener("beforeunload", function (event) {
    if (!saving && form.querySelector("td.dirty")) {
      event.preventDefault();
    }
  });
})();
