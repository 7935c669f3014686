// Tables that sort by a heading, and axes that keep only the lines that pass where the reader drags.
(() => {
  "use strict";
  const key = (cell) => {
    const text = cell.dataset.sort ?? cell.textContent.trim();
    return ["", "nan", "inf", "-inf"].includes(text) ? null : Number.isNaN(+text) ? text.toLowerCase() : +text;
  };
  const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), undefined, { numeric: true }));
  document.querySelectorAll("table.sortable").forEach((table) => {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      head.querySelector(".sort")?.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((each) => each.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows].map((row) => [key(row.cells[column]), row]);
        // What has no value stays last, whichever way the others are sorted.
        rows.sort(([a], [b]) => (a === null || b === null ? (a === null) - (b === null) : compare(a, b) * (down ? -1 : 1)));
        table.tBodies[0].append(...rows.map(([, row]) => row));
      });
    });
  });

  const drawing = document.querySelector(".parallel");
  if (!drawing) return;
  const said = document.querySelector(".said");
  const lines = [...drawing.querySelectorAll("path")];
  const kept = new Map(); // by axis: from where to where
  const height = (line, x) => { // of a line at an axis, or null where it has no point
    const points = line.getAttribute("d").match(/-?[\d.]+ -?[\d.]+(?=C|$)/g) || [];
    const point = points.map((text) => text.split(" ").map(Number)).find(([at]) => at === x);
    return point ? point[1] : null;
  };
  const filter = () => {
    let count = 0;
    lines.forEach((line) => {
      const inside = [...kept].every(([x, [low, high]]) => {
        const y = height(line, x);
        return y !== null && y >= low && y <= high;
      });
      line.classList.toggle("out", !inside);
      count += inside;
    });
    said.textContent = kept.size ? `${count} of ${lines.length} runs.` : "";
  };
  drawing.querySelectorAll(".axis").forEach((axis) => {
    const x = +axis.dataset.x;
    const brush = axis.querySelector(".brush");
    const hit = axis.querySelector(".hit");
    const place = (event) => new DOMPoint(event.clientX, event.clientY).matrixTransform(drawing.getScreenCTM().inverse()).y;
    let from = null;
    hit.addEventListener("pointerdown", (event) => { from = place(event); hit.setPointerCapture(event.pointerId); });
    hit.addEventListener("pointermove", (event) => {
      if (from === null) return;
      const ends = [from, place(event)].sort((a, b) => a - b);
      brush.setAttribute("y", ends[0]);
      brush.setAttribute("height", ends[1] - ends[0]);
      kept.set(x, ends);
      filter();
    });
    hit.addEventListener("pointerup", (event) => {
      if (Math.abs(place(event) - from) < 3) { kept.delete(x); brush.setAttribute("height", 0); filter(); }
      from = null;
    });
  });
  lines.forEach((line) => {
    line.addEventListener("pointerenter", () => { said.textContent = line.textContent; });
    line.addEventListener("pointerleave", filter);
  });
})();
