/* Draws the figures that the server built, in the colours of the scheme. The numbers are in a table on the
   same page, so a chart that cannot be drawn says so and nothing is lost. */
"use strict";

(() => {
  const [NARROW, TIGHT] = [640, 290]; // pixels of a drawing
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const config = { displayModeBar: false, responsive: true, showTips: false, doubleClick: false };

  /* Every colour in a figure is one of the light scheme's; put in the custom property behind it. */
  const coloured = (text, tokens) => {
    const style = getComputedStyle(document.documentElement);
    return text.replace(/#[0-9a-f]{6}/g, (colour) =>
      colour in tokens ? style.getPropertyValue(tokens[colour]).trim() : colour,
    );
  };

  const shortened = (text, length) => (text.length > length ? `${text.slice(0, length - 1).trimEnd()}…` : text);

  /* A figure's meta says how it fits a phone: names of so many letters, marks so much smaller but
     none below so many pixels, bars without their numbers, and what stands in the drawing in so many letters.
     What an axis names lies flat, so that it keeps its end. */
  const narrowed = (figure, width) => {
    const { meta = {}, xaxis, yaxis, annotations = [] } = figure.layout;
    if (!xaxis.tickvals) Object.assign(xaxis, { nticks: width < TIGHT ? 3 : 4, tickangle: 0 });
    if (meta.brief) for (const note of annotations) note.text = shortened(note.text, meta.brief);
    if (meta.wordless) for (const trace of figure.data) delete trace.text;
    if (meta.shorten) yaxis.ticktext = yaxis.ticktext.map((text) => shortened(text, meta.shorten));
    if (meta.shrink) {
      const smaller = (size) => Math.max(size * meta.shrink, meta.smallest ?? 0);
      for (const { marker } of figure.data.filter((trace) => trace.marker?.size)) {
        marker.size = Array.isArray(marker.size) ? marker.size.map(smaller) : smaller(marker.size);
      }
    }
    return figure;
  };

  /* On a phone a column has room for the shape alone, and a name for its first words. */
  const fitted = (figure, width) => {
    const trace = figure.data[0];
    if (width >= NARROW) return figure;
    if (trace.type !== "heatmap") return narrowed(figure, width);
    trace.text = trace.text.map((row) => row.map((text) => text.split("</span>")[0] + (text && "</span>")));
    const { xaxis, yaxis } = figure.layout;
    xaxis.ticktext = xaxis.ticktext.map((text) => shortened(text, 12));
    xaxis.tickangle = -90;
    figure.layout.margin.t = 92;
    yaxis.ticktext = yaxis.ticktext.map((text) => (text.startsWith("<b>") ? text : shortened(text, 20)));
    figure.layout.font.size = 12;
    return figure;
  };

  /* The room for a heatmap's names. Plotly finds it out by drawing everything twice; this takes no time. */
  const widest = ({ ticktext, ticksuffix }, { family, size }) => {
    const pen = document.createElement("canvas").getContext("2d");
    const widths = ticktext.map((name) => {
      const plain = new DOMParser().parseFromString(name, "text/html").body.textContent;
      pen.font = `${name.startsWith("<b>") ? "bold " : ""}${size}px ${family}`;
      return pen.measureText(plain + ticksuffix).width;
    });
    return Math.ceil(Math.max(...widths));
  };

  const draw = async (box, loaded, { onPaper = false } = {}) => {
    const plain = JSON.stringify(loaded.figure);
    const text = onPaper ? plain : coloured(plain, loaded.tokens);
    const figure = fitted(JSON.parse(text), box.clientWidth);
    const { font, margin, yaxis } = figure.layout;
    if (figure.data[0].type === "heatmap") margin.l += widest(yaxis, font);
    await window.Plotly.react(box.plot, figure.data, figure.layout, config);
    return figure;
  };

  /* Which place of an axis lies under a spot of the drawing: the axis knows its range and its pixels. */
  const placeAt = (axis, spot) => Math.round(axis.p2d(spot - axis._offset));

  /* A press and a release on one cell open it, however short they are and however busy the machine is: Plotly takes
     a click for one only where it had time to find out what the pointer is over. */
  const openByPointer = (box, cells) => {
    const addressAt = ({ clientX, clientY }) => {
      const { left, top } = box.plot.getBoundingClientRect();
      const { xaxis, yaxis } = box.plot._fullLayout;
      const inside = (axis, spot) => spot >= axis._offset && spot <= axis._offset + axis._length;
      if (!inside(xaxis, clientX - left) || !inside(yaxis, clientY - top)) return "";
      return cells[placeAt(yaxis, clientY - top)]?.[placeAt(xaxis, clientX - left)] || "";
    };
    let pressed = "";
    box.addEventListener("pointerdown", (event) => {
      pressed = event.isPrimary && event.button === 0 ? addressAt(event) : "";
    }, true);
    // Plotly covers the page while a button is down, so the release is heard of by the window alone.
    window.addEventListener("pointerup", (event) => {
      const address = pressed;
      pressed = "";
      if (address && address === addressAt(event) && address.startsWith("/")) window.location.assign(address);
    }, true);
    window.addEventListener("pointercancel", () => { pressed = ""; }, true);
  };

  /* Arrow keys move a frame over the cells, Enter opens one; what is under it is shown and said. */
  const makeReachable = (box, loaded, status) => {
    const cells = loaded.figure.data[0].customdata;
    const rows = cells.map((row, index) => (row.some(Boolean) ? index : -1)).filter((index) => index >= 0);
    const width = cells[rows[0]].length;
    let at = null;

    const frame = ([row, column]) => ({
      type: "rect",
      x0: column - 0.5,
      x1: column + 0.5,
      y0: rows[row] - 0.5,
      y1: rows[row] + 0.5,
      line: { color: getComputedStyle(document.documentElement).getPropertyValue("--accent").trim(), width: 3 },
    });

    const go = (row, column) => {
      at = [Math.min(Math.max(row, 0), rows.length - 1), Math.min(Math.max(column, 0), width - 1)];
      window.Plotly.relayout(box.plot, { shapes: [frame(at)] });
      window.Plotly.Fx.hover(box.plot, [{ curveNumber: 0, pointNumber: [rows[at[0]], at[1]] }]);
      status.textContent = loaded.announcements[rows[at[0]]][at[1]];
    };

    const moves = {
      ArrowUp: ([row, column]) => go(row - 1, column),
      ArrowDown: ([row, column]) => go(row + 1, column),
      ArrowLeft: ([row, column]) => go(row, column - 1),
      ArrowRight: ([row, column]) => go(row, column + 1),
      Home: ([row]) => go(row, 0),
      End: ([row]) => go(row, width - 1),
      Enter: ([row, column]) => window.location.assign(cells[rows[row]][column]),
    };

    box.tabIndex = 0;
    box.addEventListener("focus", () => at || go(0, 0));
    box.addEventListener("keydown", (event) => {
      if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      moves[event.key](at || [0, 0]);
    });
    box.addEventListener("blur", () => {
      at = null;
      window.Plotly.relayout(box.plot, { shapes: [] });
      window.Plotly.Fx.unhover(box.plot);
    });
  };

  const begin = async (box) => {
    try {
      const answer = await fetch(box.dataset.chartUrl, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(`${answer.status}`);
      const loaded = await answer.json();
      box.plot = document.createElement("div");
      box.plot.setAttribute("aria-hidden", "true");
      box.style.minHeight = `${loaded.figure.layout.height}px`;
      box.replaceChildren(box.plot);
      await draw(box, loaded);
      if (box.dataset.chartKind === "heatmap") {
        openByPointer(box, loaded.figure.data[0].customdata);
        makeReachable(box, loaded, box.parentElement.querySelector("[data-chart-status]"));
      } else {
        box.plot.on("plotly_click", ({ points: [{ customdata: address }] }) => {
          if (String(address).startsWith("/")) window.location.assign(address);
        });
      }
      dark.addEventListener("change", () => draw(box, loaded));
      /* Paper is light: what was drawn for a dark screen is drawn anew for it, at once. */
      window.addEventListener("beforeprint", () => dark.matches && draw(box, loaded, { onPaper: true }));
      window.addEventListener("afterprint", () => dark.matches && draw(box, loaded));
      let width = box.clientWidth;
      window.addEventListener("resize", () => {
        if (width < NARROW !== box.clientWidth < NARROW) draw(box, loaded);
        width = box.clientWidth;
      });
      box.dataset.chartDrawn = "";
    } catch (error) {
      const note = document.createElement("p");
      note.className = "chart-failed";
      note.textContent = "The chart could not be drawn. The table on this page has the same numbers; loading the page again may help.";
      box.replaceChildren(note);
      box.dataset.chartFailed = String(error);
    }
  };

  const beginAll = (part) => {
    for (const box of part.querySelectorAll("[data-chart-url]:not([data-chart-begun])")) {
      box.dataset.chartBegun = "";
      begin(box);
    }
  };

  /* On paper a drawing is as wide as its column there is, whatever window it was made for (print.css). */
  window.addEventListener("beforeprint", () => {
    for (const drawing of document.querySelectorAll(".main-svg")) {
      const [width, height] = [drawing.getAttribute("width"), drawing.getAttribute("height")];
      if (width && height) drawing.setAttribute("viewBox", `0 0 ${width} ${height}`);
    }
  });

  beginAll(document);
  /* Parts of the page that come later bring charts of their own. */
  document.addEventListener("htmx:load", ({ detail }) => beginAll(detail.elt));
})();
