"use strict";
// All that is shown is on the page already; this adds the theme switch, sorting, pointing and picking.
(() => {
  const root = document.documentElement;

  document.getElementById("theme").addEventListener("click", () => {
    const now = root.dataset.theme || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
    root.dataset.theme = now === "dark" ? "light" : "dark";
  });

  addEventListener("beforeprint", () => {
    for (const fold of document.querySelectorAll("details")) fold.open = true;
  });

  for (const table of document.querySelectorAll("table.sortable")) {
    const titles = [...table.tHead.rows[0].cells];
    titles.forEach((title, place) => {
      const button = title.querySelector("button");
      if (!button) return;
      button.addEventListener("click", () => {
        const up = title.getAttribute("aria-sort") === "descending";
        titles.forEach((other) => other.removeAttribute("aria-sort"));
        title.setAttribute("aria-sort", up ? "ascending" : "descending");
        const value = (row) => Number(row.cells[place].dataset.value || 0);
        const rows = [...table.tBodies[0].rows].sort((a, b) => (up ? 1 : -1) * (value(a) - value(b)));
        table.tBodies[0].append(...rows);
      });
    });
  }

  // A stage of the table shows its tasks among the others.
  const lanes = document.querySelector("svg.lanes");
  const pick = (stage) => {
    if (!lanes) return;
    lanes.classList.toggle("picked", stage !== null);
    for (const path of lanes.querySelectorAll(".stage")) path.classList.toggle("on", path.dataset.stage === stage);
  };
  for (const row of document.querySelectorAll("tr[data-stage]")) {
    row.addEventListener("focus", () => pick(row.dataset.stage));
    row.addEventListener("blur", () => pick(null));
    row.addEventListener("mouseenter", () => pick(row.dataset.stage));
    row.addEventListener("mouseleave", () => pick(null));
    row.addEventListener("keydown", (event) => {
      const next = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling }[event.key];
      if (next) { next.focus(); event.preventDefault(); }
    });
  }

  const clock = (s) => {
    if (s < 60) return `${s.toFixed(1)} s`;
    const whole = Math.round(s);
    return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  };
  for (const box of document.querySelectorAll(".pointed")) {
    const series = JSON.parse(box.dataset.series);
    const svg = box.querySelector("svg"), line = svg.querySelector(".cursor");
    const out = box.parentElement.querySelector(".readout");
    const count = series.supply.length;
    let place = -1;
    const show = (next) => {
      place = Math.max(0, Math.min(count - 1, next));
      const part = (place + 0.5) / count, x = series.left + part * (series.right - series.left);
      line.setAttribute("x1", x); line.setAttribute("x2", x); line.style.visibility = "visible";
      const fixed = (values) => values[place].toFixed(1).replace(/\.0$/, "");
      out.textContent = `${clock(part * series.seconds)}: ${fixed(series.busy)} at work of ${fixed(series.supply)}, ` +
        `${fixed(series.demand)} asked for`;
    };
    const hide = () => { line.style.visibility = "hidden"; out.textContent = ""; place = -1; };
    svg.addEventListener("pointermove", (event) => {
      const frame = svg.getBoundingClientRect();
      const x = (event.clientX - frame.left) / frame.width * 1000;
      show(Math.floor((x - series.left) / (series.right - series.left) * count));
    });
    svg.addEventListener("pointerleave", hide);
    box.addEventListener("blur", hide);
    box.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10 }[event.key];
      if (step) { show(place + step); event.preventDefault(); }
    });
  }
})();
