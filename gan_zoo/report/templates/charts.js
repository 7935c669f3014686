// Draws the panels of a page with uPlot: colors of the page's light or dark style, one cursor over all panels.
(() => {
  "use strict";
  const element = document.getElementById("charts-data");
  if (!element) return;
  const data = JSON.parse(element.textContent);
  const drawn = [];
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const stroke = (series) => color(series.real ? "--real" : `--c${series.color % 10}`);
  const number = (value) => {
    if (value == null) return "–";
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(1).replace("e+", "e");
    return String(+value.toPrecision(4));
  };

  // The nearest place at which a curve has a value: curves of one panel may be measured at different times.
  const nearest = (values, place) => {
    for (let away = 0; away < values.length; away++) {
      if (values[place - away] != null) return place - away;
      if (values[place + away] != null) return place + away;
    }
    return place;
  };
  const showLast = (plot) => {
    const last = plot.data[0].length - 1;
    plot.setLegend({ idxs: plot.data.map((values, i) => (i ? nearest(values, last) : last)) }, false);
  };

  const drawMarks = (plot) => {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.font = `${11 * ratio}px system-ui, sans-serif`;
    (data.marks || []).forEach((mark, i) => {
      const x = plot.valToPos(mark.kimg, "x", true);
      if (!(x >= bbox.left && x <= bbox.left + bbox.width)) return;
      ctx.strokeStyle = ctx.fillStyle = color("--bad");
      ctx.lineWidth = ratio;
      ctx.setLineDash([3 * ratio, 3 * ratio]);
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      const width = ctx.measureText(mark.label).width;
      const right = x + width + 6 * ratio < bbox.left + bbox.width;
      ctx.textAlign = right ? "left" : "right";
      ctx.fillText(mark.label, x + (right ? 4 : -4) * ratio, bbox.top + (12 + 13 * (i % 3)) * ratio);
    });
    ctx.restore();
  };

  const axis = (size) => ({
    stroke: () => color("--soft"),
    font: "12px system-ui, sans-serif",
    grid: { stroke: () => color("--hair"), width: 1 },
    ticks: { stroke: () => color("--line"), width: 1, size: 4 },
    size,
    values: (plot, values) => ticks(values, false),
  });

  // One way of writing for all numbers of an axis, whichever of them are small.
  const ticks = (values, log) => {
    const known = values.filter((value) => value != null && value !== 0).map(Math.abs);
    const plain = known.every((value) => value >= 1e-3 && value < 1e6) || (!log && Math.max(...known, 0) >= 1e-3 && Math.max(...known, 0) < 1e6);
    const raised = (value) => [...String(Math.round(Math.log10(value)))].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit] ?? "⁻").join("");
    return values.map((value) => {
      if (value == null) return "";
      if (value === 0) return "0";
      if (plain) return String(+value.toPrecision(4));
      return log ? `10${raised(value)}` : value.toExponential(1).replace("e+", "e");
    });
  };
  const isPower = (value) => Math.abs(Math.log10(value) - Math.round(Math.log10(value))) < 1e-6;

  // From where to where an axis goes: whole powers of ten, all that can be counted, or a constant in sight.
  const range = (panel) => (plot, low, high) => {
    if (low == null) return [0, panel.most ?? 1];
    if (panel.log) return uPlot.rangeLog(low, high, 10, true);
    if (panel.count) return [0, Math.max(panel.most ?? 0, high, 1)];
    if (low !== high) return uPlot.rangeNum(low, high, 0.1, true);
    if (panel.most != null && low >= 0 && low <= panel.most) return [0, panel.most];
    return low === 0 ? [0, 1] : [Math.min(0, 2 * low), Math.max(0, 2 * low)];
  };

  const options = (panel, width) => ({
    width,
    height: 190,
    scales: { x: { time: false }, y: { distr: panel.log ? 3 : 1, range: range(panel) } },
    axes: [axis(30), { ...axis(54), values: (plot, values) => ticks(values.map((value) => (panel.log && value != null && !isPower(value) ? null : value)), panel.log) }],
    series: [
      { label: "kimg", value: (plot, value) => number(value) },
      ...panel.series.map((series) => ({
        label: series.label,
        stroke: () => stroke(series),
        width: 1.8,
        dash: series.real ? [6, 4] : undefined,
        spanGaps: true,
        points: { show: series.y.filter((value) => value != null).length < 2 },
        value: (plot, value) => number(value),
      })),
    ],
    cursor: {
      sync: { key: "kimg", setSeries: false },
      y: false,
      points: { size: 7 },
      dataIdx: (plot, series, place) => (series ? nearest(plot.data[series], place) : place),
    },
    hooks: {
      draw: [drawMarks],
      setCursor: [(plot) => { if (plot.cursor.left < 0) showLast(plot); }],
    },
  });

  const touch = (plot) => {
    const move = (event) => {
      const box = plot.over.getBoundingClientRect();
      const finger = event.touches[0];
      plot.setCursor({ left: finger.clientX - box.left, top: finger.clientY - box.top });
    };
    plot.over.addEventListener("touchstart", move, { passive: true });
    plot.over.addEventListener("touchmove", move, { passive: true });
  };

  document.querySelectorAll(".plot").forEach((place) => {
    const panel = data.panels[+place.dataset.panel];
    const width = () => Math.max(place.clientWidth, 200);
    const plot = new uPlot(options(panel, width()), [panel.x, ...panel.series.map((series) => series.y)], place);
    drawn.push([plot, place]);
    showLast(plot);
    touch(plot);
    new ResizeObserver(() => {
      if (plot.width !== width()) plot.setSize({ width: width(), height: 190 });
    }).observe(place);
  });

  const again = () => drawn.forEach(([plot]) => plot.redraw(false, true));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  addEventListener("beforeprint", () => {
    document.documentElement.classList.add("printing");
    drawn.forEach(([plot]) => plot.setSize({ width: 300, height: 170 }));
    again();
  });
  addEventListener("afterprint", () => {
    document.documentElement.classList.remove("printing");
    drawn.forEach(([plot, place]) => plot.setSize({ width: place.clientWidth, height: 190 }));
    again();
  });
})();
