// Draws the charts of the report from the data beside it, at the size the page has, and lets one frame be looked at.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const count = data.index.length;
  const svgNamespace = "http://www.w3.org/2000/svg";
  const element = (name, attributes, parent, text) => {
    const made = document.createElementNS(svgNamespace, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    if (text !== undefined) made.textContent = text;
    if (parent) parent.append(made);
    return made;
  };
  const steps = (low, high, most) => {
    const span = high - low || 1;
    const raw = span / most;
    const power = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= raw * 0.999);
    const found = [];
    for (let k = Math.ceil(low / step - 1e-6); k * step <= high + step * 1e-6; k += 1) found.push(k * step);
    return { step, found };
  };
  const number = (value, step) => {
    const digits = Math.max(0, Math.min(4, -Math.floor(Math.log10(step) + 1e-9)));
    return value.toFixed(digits).replace("-", "\u2212");
  };
  const quantile = (values, share) => {
    const sorted = values.filter((v) => v !== null).sort((a, b) => a - b);
    return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] : 0;
  };
  const listeners = [];
  let current = null;
  const select = (k) => {
    current = Math.max(0, Math.min(count - 1, k));
    for (const listener of listeners) listener(current);
  };
  const follow = (svg, left, width) => {
    const at = (event) => {
      const box = svg.getBoundingClientRect();
      const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
      select(Math.round(((x - left) / width) * Math.max(1, count - 1)));
    };
    svg.addEventListener("pointermove", at);
    svg.addEventListener("pointerdown", at);
  };

  // Everything over frames has the same left and right edge, so that one line goes through all of it.
  const edge = { left: 44, right: 8 };
  const frameX = (width) => (k) => edge.left + (count > 1 ? k / (count - 1) : 0.5) * (width - edge.left - edge.right);
  const frameAxis = (svg, width, y) => {
    const { found } = steps(0, count - 1, Math.max(2, Math.floor(width / 110)));
    const x = frameX(width);
    for (const k of found.filter((k) => Number.isInteger(k))) {
      element("text", { x: x(k), y: y + 16, "text-anchor": k === 0 ? "start" : "middle" }, svg, String(data.index[k]));
    }
  };
  const cursorOf = (svg, width, top, bottom) => {
    const line = element("line", { class: "cursor", y1: top, y2: bottom, visibility: "hidden" }, svg);
    const x = frameX(width);
    listeners.push((k) => {
      line.setAttribute("x1", x(k));
      line.setAttribute("x2", x(k));
      line.setAttribute("visibility", "visible");
    });
  };
  const begin = (host, height, label) => {
    host.replaceChildren();
    const width = Math.max(240, host.clientWidth);
    const svg = element("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": label }, host);
    return { svg, width };
  };

  const overFrames = (host, series, { unit, height = 200, top: atMost, stacked = false, label }) => {
    const { svg, width } = begin(host, height, label);
    const [top, bottom] = [28, height - 24];
    const x = frameX(width);
    const highest = atMost || Math.max(1e-9, ...series.flatMap((s) => s.values.map((v) => v ?? 0)));
    const ticks = steps(0, highest, 4);
    const limit = Math.max(highest, ticks.found.at(-1));
    const y = (value) => bottom - (Math.min(value, limit) / limit) * (bottom - top);
    for (const value of ticks.found) {
      element("line", { class: "grid", x1: edge.left, x2: width - edge.right, y1: y(value), y2: y(value) }, svg);
      element("text", { x: edge.left - 8, y: y(value) + 4, "text-anchor": "end" }, svg, number(value, ticks.step));
    }
    element("text", { x: edge.left, y: 12 }, svg, unit);
    frameAxis(svg, width, bottom);
    if (stacked) {
      const bar = Math.max(1, (width - edge.left - edge.right) / Math.max(1, count));
      const sums = new Array(count).fill(0);
      for (const s of series) {
        let path = "";
        s.values.forEach((value, k) => {
          const from = y(sums[k]);
          sums[k] += value;
          path += `M${x(k).toFixed(1)} ${from.toFixed(1)}V${y(sums[k]).toFixed(1)}`;
        });
        element("path", { d: path, class: `c-${s.color}`, stroke: "currentColor", "stroke-width": bar, fill: "none" }, svg);
      }
    } else {
      for (const s of series) {
        let path = "";
        let open = false;
        let last = -Infinity;
        s.values.forEach((value, k) => {
          if (value === null) {
            // References that give a pose every few frames still make a line.
            if (k - last > (s.bridge || 0)) open = false;
            return;
          }
          path += `${open ? "L" : "M"}${x(k).toFixed(1)} ${y(value).toFixed(1)}`;
          if (!open) path += "h0";
          open = true;
          last = k;
        });
        element("path", { d: path, class: `c-${s.color}`, stroke: "currentColor", "stroke-width": 1.75, fill: "none", "stroke-linejoin": "round", "stroke-linecap": "round" }, svg);
      }
    }
    cursorOf(svg, width, top, bottom);
    follow(svg, edge.left, width - edge.left - edge.right);
  };

  const states = [
    ["soft", "not started"],
    ["amber", "initializing"],
    ["leaf", "tracking"],
    ["rose", "lost"],
    ["soft", "pose predicted"],
  ];
  const strip = (host) => {
    const height = 56;
    const { svg, width } = begin(host, height, "State of the tracker over the frames");
    const x = frameX(width);
    const half = count > 1 ? (x(1) - x(0)) / 2 : 2;
    let from = 0;
    for (let k = 1; k <= count; k += 1) {
      if (k < count && data.state[k] === data.state[from]) continue;
      element("rect", { x: x(from) - half, y: 8, width: Math.max(1, x(k - 1) - x(from) + 2 * half), height: 24, class: `c-${states[data.state[from]][0]}`, fill: "currentColor" }, svg);
      from = k;
    }
    frameAxis(svg, width, 32);
    cursorOf(svg, width, 4, 36);
    follow(svg, edge.left, width - edge.left - edge.right);
  };

  const view = (host, name, label) => {
    const { estimate, truth } = data.views[name];
    const all = [...estimate, ...truth].filter((p) => p !== null);
    const { svg, width } = begin(host, 320, label);
    const height = 320;
    if (!all.length) return;
    const low = [0, 1].map((axis) => Math.min(...all.map((p) => p[axis])));
    const high = [0, 1].map((axis) => Math.max(...all.map((p) => p[axis])));
    const pad = { left: 44, right: 12, top: 12, bottom: 24 };
    const room = [width - pad.left - pad.right, height - pad.top - pad.bottom];
    const scale = 0.94 * Math.min(...[0, 1].map((axis) => room[axis] / Math.max(high[axis] - low[axis], 1e-6)));
    const middle = [0, 1].map((axis) => (low[axis] + high[axis]) / 2);
    const x = (p) => pad.left + room[0] / 2 + (p[0] - middle[0]) * scale;
    const y = (p) => pad.top + room[1] / 2 - (p[1] - middle[1]) * scale;
    const reach = [room[0] / scale / 2, room[1] / scale / 2];
    const ticks = [0, 1].map((axis) => steps(middle[axis] - reach[axis], middle[axis] + reach[axis], axis ? 5 : Math.max(3, width / 90)));
    const step = Math.max(ticks[0].step, ticks[1].step);
    for (const axis of [0, 1]) {
      for (let k = Math.ceil((middle[axis] - reach[axis]) / step); k * step <= middle[axis] + reach[axis]; k += 1) {
        const at = axis ? y([0, k * step]) : x([k * step, 0]);
        const ends = axis ? { x1: pad.left, x2: width - pad.right, y1: at, y2: at } : { x1: at, x2: at, y1: pad.top, y2: height - pad.bottom };
        element("line", { class: "grid", ...ends }, svg);
        const place = axis ? { x: pad.left - 8, y: at + 4, "text-anchor": "end" } : { x: at, y: height - 8, "text-anchor": "middle" };
        element("text", place, svg, number(k * step, step));
      }
    }
    const draw = (points, color, thickness) => {
      let path = "";
      let open = false;
      for (const p of points) {
        if (p) path += `${open ? "L" : "M"}${x(p).toFixed(1)} ${y(p).toFixed(1)}`;
        open = p !== null;
      }
      element("path", { d: path, class: `c-${color}`, stroke: "currentColor", "stroke-width": thickness, fill: "none", "stroke-linejoin": "round", "stroke-linecap": "round" }, svg);
    };
    draw(truth, "sky", 3.5);
    draw(estimate, "signal", 1.75);
    const spot = element("circle", { class: "spot", r: 5, visibility: "hidden" }, svg);
    listeners.push((k) => {
      const p = estimate[k];
      spot.setAttribute("visibility", p ? "visible" : "hidden");
      if (p) {
        spot.setAttribute("cx", x(p));
        spot.setAttribute("cy", y(p));
      }
    });
    svg.addEventListener("pointerdown", (event) => {
      const box = svg.getBoundingClientRect();
      const at = [((event.clientX - box.left) / box.width) * width, ((event.clientY - box.top) / box.height) * height];
      let best = null;
      estimate.forEach((p, k) => {
        if (!p) return;
        const away = Math.hypot(x(p) - at[0], y(p) - at[1]);
        if (best === null || away < best.away) best = { away, k };
      });
      if (best) select(best.k);
    });
  };

  const histogram = (host, series, label) => {
    const height = 220;
    const { svg, width } = begin(host, height, label);
    const [top, bottom] = [28, height - 24];
    const right = Math.max(0.5, 1.1 * Math.max(...series.map((s) => quantile(s.values, 0.99))));
    const bins = Math.min(48, Math.max(16, Math.floor(width / 14)));
    const counts = series.map((s) => {
      const found = new Array(bins).fill(0);
      for (const v of s.values) found[Math.min(bins - 1, Math.floor((v / right) * bins))] += 1;
      return found;
    });
    const highest = Math.max(1, ...counts.flat());
    const x = (v) => edge.left + (v / right) * (width - edge.left - edge.right);
    const y = (c) => bottom - (c / highest) * (bottom - top - 8);
    const rows = steps(0, highest, 4);
    for (const c of rows.found.filter((c) => Number.isInteger(c))) {
      element("line", { class: "grid", x1: edge.left, x2: width - edge.right, y1: y(c), y2: y(c) }, svg);
      element("text", { x: edge.left - 8, y: y(c) + 4, "text-anchor": "end" }, svg, String(c));
    }
    const columns = steps(0, right, Math.max(3, Math.floor(width / 90)));
    for (const v of columns.found) element("text", { x: x(v), y: bottom + 16, "text-anchor": "middle" }, svg, number(v, columns.step));
    element("text", { x: edge.left, y: 12 }, svg, "frames, by milliseconds");
    series.forEach((s, which) => {
      const each = (width - edge.left - edge.right) / bins;
      const thick = Math.max(1, (each - 2) / series.length);
      counts[which].forEach((c, bin) => {
        if (!c) return;
        element("rect", { x: edge.left + bin * each + 1 + which * thick, width: thick, y: y(c), height: bottom - y(c), rx: 1, class: `c-${s.color}`, fill: "currentColor" }, svg);
      });
    });
  };

  const host = (id) => document.getElementById(id);
  const readout = host("readout");
  const slider = host("frame");
  const describe = (k) => {
    slider.value = k;
    const parts = [
      ["frame", data.index[k]],
      ["at", `${data.secs[k].toFixed(2)} s`],
      ["", states[data.state[k]][1]],
      ["tracking", `${data.track[k].toFixed(1)} ms`],
      ["mapping", `${data.map[k].toFixed(1)} ms`],
      ["points", data.points[k]],
      ["landmarks", data.seen[k]],
    ];
    if (data.error && data.error[k] !== null) parts.splice(3, 0, ["error", `${(data.error[k] * 100).toFixed(2)} cm`]);
    readout.replaceChildren(
      ...parts.map(([name, value]) => {
        const span = document.createElement("span");
        const bold = document.createElement("b");
        bold.textContent = value;
        span.append(name ? `${name} ` : "", bold);
        return span;
      }),
    );
  };
  const draw = () => {
    listeners.length = 0;
    listeners.push(describe);
    strip(host("states"));
    view(host("above"), "above", "The path from above");
    view(host("side"), "side", "The path from the side");
    if (host("error")) {
      const cm = data.error.map((e) => (e === null ? null : e * 100));
      overFrames(host("error"), [{ values: cm, color: "signal", bridge: 16 }], { unit: "centimetres", label: "Error over the frames" });
    }
    overFrames(
      host("points"),
      [
        { values: data.points, color: "sky" },
        { values: data.seen, color: "leaf" },
      ],
      { unit: "points", label: "Points and landmarks over the frames" },
    );
    const sums = data.track.map((t, k) => t + data.map[k]);
    overFrames(
      host("times"),
      [
        { values: data.track, color: "sky" },
        { values: data.map, color: "soft" },
      ],
      { unit: "milliseconds", stacked: true, top: 1.15 * quantile(sums, 0.99) || 1, label: "Time of tracking and mapping over the frames" },
    );
    overFrames(host("growth"), [{ values: data.landmarks, color: "leaf" }], { unit: "landmarks", height: 220, label: "Size of the map over the frames" });
    histogram(
      host("histogram"),
      [
        { values: data.track, color: "sky" },
        { values: sums, color: "soft" },
      ],
      "How many frames took how long",
    );
    if (current !== null) select(current);
  };
  slider.max = count - 1;
  slider.addEventListener("input", () => select(Number(slider.value)));
  let waiting = 0;
  window.addEventListener("resize", () => {
    cancelAnimationFrame(waiting);
    waiting = requestAnimationFrame(draw);
  });
  draw();
  select(data.start ?? 0);
})();
