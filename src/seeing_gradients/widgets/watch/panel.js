// One run: its loss, the slider of time, the network with a line for each parameter or module, and the plane.

import { createHtml, createSvg, setText, suppressShortcuts } from "../page/elements.js";
import { joined } from "../page/sentences.js";
import { showShapes } from "../page/shapes.js";
import { fill, nearestIndex } from "./timeline.js";

/** @import { WatchLine, WatchLink, WatchPanel, WatchRow, WatchSpec } from "./data" */

/**
 * What a panel tells the widget.
 * @typedef {object} PanelActions
 * @property {(step: number) => void} goTo move to the measured step that is nearest to this one
 * @property {(by: number) => void} moveBy move by so many measured steps
 * @property {() => void} open the step that is shown
 */

// By how many measured steps a key moves.
const BY_KEY = new Map([
  ["ArrowLeft", -1],
  ["ArrowRight", 1],
  ["PageDown", -10],
  ["PageUp", 10],
  ["Home", -Infinity],
  ["End", Infinity],
]);
const BY_KEY_OF_SLIDER = new Map([
  ["ArrowDown", -1],
  ["ArrowUp", 1],
]);
const [BOX_WIDTH, TRACK_HEIGHT, LOSS_HEIGHT, SHADES] = [1000, 10, 100, 9];

/**
 * @param {WatchSpec} spec
 * @param {PanelActions} actions
 */
export function createPanel(spec, actions) {
  const { labels } = spec;
  const caption = createHtml("p", { class: "sg-caption" });
  const time = createHtml("div", { class: "sg-time" });
  const plane = createPlane(labels);
  const trouble = createHtml("p", { class: "sg-trouble" });
  const notes = createHtml("p", { class: "sg-notes" });
  const cursor = createHtml("i", { class: "sg-cursor" });
  const loss = createLoss(labels);
  const slider = createSlider(labels);
  /** @type {ReturnType<typeof createLine>[]} */
  let lines = [];
  let structure = "";
  /** @type {WatchPanel | undefined} */
  let panel;

  slider.input.addEventListener("input", () => actions.goTo(slider.input.valueAsNumber));
  slider.input.addEventListener("keydown", (event) => moveByKey(event));
  time.addEventListener("click", (event) => {
    const box = /** @type {HTMLElement} */ (event.target).closest(".sg-track, .sg-loss-box");
    if (!box || !panel) return;
    const { left, width } = box.getBoundingClientRect();
    actions.goTo(panel.steps[nearestIndex(panel.shares, ((event.clientX - left) / width) * BOX_WIDTH)]);
  });
  time.addEventListener("keydown", (event) => {
    const track = /** @type {HTMLElement} */ (event.target).closest(".sg-track");
    if (track instanceof HTMLElement) moveByKey(event, track);
  });

  /**
   * The keys of the slider and of a line; only from a line does an arrow lead up or down.
   * @param {KeyboardEvent} event
   * @param {HTMLElement} [track] of the line that has the focus
   */
  const moveByKey = (event, track) => {
    const by = BY_KEY.get(event.key) ?? (track ? 0 : (BY_KEY_OF_SLIDER.get(event.key) ?? 0));
    const next = lines.findIndex((line) => line.track === track) + (event.key === "ArrowDown" ? 1 : -1);
    if (event.key === "Enter") actions.open();
    else if (by) actions.moveBy(by);
    else if (!track || !/^Arrow(Up|Down)$/.test(event.key)) return;
    else if (lines[next]) focusLine(next);
    event.preventDefault();
  };
  /** @param {number} i */
  const focusLine = (i) => {
    lines.forEach(({ track }, k) => {
      track.tabIndex = k === i ? 0 : -1;
    });
    lines[i].track.focus();
  };

  return {
    element: createHtml(
      "section",
      { class: "sg-panel" },
      caption,
      createHtml("div", { class: "sg-plots" }, time, plane.element),
      trouble,
      notes,
    ),
    input: slider.input,
    /**
     * Show another state of the run, or another measure.
     * @param {WatchPanel} next
     * @param {string} measureName
     */
    show(next, measureName) {
      panel = next;
      const measure = next.measures[measureName];
      const shape = JSON.stringify([
        measureName,
        next.rows,
        next.links,
        next.chained,
        measure.lines.map(({ row, name }) => [row, name]),
      ]);
      if (shape !== structure) {
        structure = shape;
        lines = measure.lines.map((line) => createLine(line, measureName, labels));
        const legend = createLegend(measureName, labels);
        const modules = next.rows.map((row, i) => ({
          box: createModule(row),
          lines: lines.filter((line) => line.row === i).map(({ parts }) => parts),
        }));
        layOut(time, [loss.parts, slider.parts, legend], modules, cursor, next, labels);
        if (lines.length) lines[0].track.tabIndex = 0;
      }
      measure.lines.forEach((line, i) => {
        lines[i].show(line);
      });
      time.querySelectorAll(".sg-module").forEach((row, i) => {
        row.classList.toggle("sg-bad", i === next.trouble_row);
      });
      setText(/** @type {Element} */ (time.querySelector(".sg-low")), measure.low);
      setText(/** @type {Element} */ (time.querySelector(".sg-high")), measure.high);
      loss.show(next);
      slider.input.max = String(next.last);
      plane.show(next);
      setText(caption, next.caption);
      setText(trouble, next.trouble);
      setText(notes, joined([...next.notes, next.cost]));
    },
    /**
     * Move to a snapshot.
     * @param {number} at its index
     */
    moveTo(at) {
      if (!panel) return;
      cursor.style.setProperty("--sg-share", String((panel.shares[at] ?? 0) / BOX_WIDTH));
      for (const line of lines) line.moveTo(panel, at);
      loss.number.textContent = panel.loss.texts[at] ?? "";
      slider.moveTo(panel, at);
      plane.moveTo(at);
    },
  };
}

/**
 * Put the parts of a panel into its grid: the name on the left, the number, and time on the right.
 * @param {HTMLElement} time
 * @param {HTMLElement[][]} heads rows of the grid, above the network
 * @param {{ box: HTMLElement, lines: HTMLElement[][] }[]} modules
 * @param {HTMLElement} cursor
 * @param {WatchPanel} panel
 * @param {Record<string, string>} labels
 */
function layOut(time, heads, modules, cursor, { links, chained }, labels) {
  let row = 0;
  /** @param {HTMLElement[]} parts */
  const addRow = (parts) => {
    row += 1;
    for (const part of parts) part.style.gridRow = String(row);
    return parts;
  };
  /** @type {Map<number, [first: number, last: number]>} rows of the grid of each row of the network */
  const spans = new Map();
  /**
   * The model's input or output, which has a row only if something leads there past the chain.
   * @param {number} at
   * @param {string} name
   */
  const addEnd = (at, name) => {
    if (!links.some(({ source, target }) => source === at || target === at)) return [];
    const end = createHtml("div", { class: "sg-end" }, name);
    end.classList.toggle("sg-chained", at < 0 && chained[0]);
    const parts = addRow([end]);
    spans.set(at, [row, row]);
    return parts;
  };
  const elements = heads.flatMap(addRow);
  elements.push(...addEnd(-1, labels.input));
  modules.forEach(({ box, lines }, i) => {
    const first = row + 1;
    if (!lines.length) addRow([]);
    box.classList.toggle("sg-slim", lines.length < 2); // the shape has no room
    box.classList.toggle("sg-chained", chained[i + 1] && (i + 1 < modules.length || hasOutput(links, i)));
    elements.push(box, ...lines.flatMap(addRow));
    box.style.gridRow = `${first} / ${row + 1}`;
    spans.set(i, [first, row]);
  });
  elements.push(...addEnd(modules.length, labels.output));
  elements.push(...links.map((link) => createLink(link, spans)));
  time.style.setProperty("--sg-lanes", String(1 + Math.max(-1, ...links.map(({ lane }) => lane))));
  cursor.style.gridRow = `1 / ${row + 1}`;
  time.replaceChildren(...elements, cursor);
}

/**
 * Whether there is a row for the model's output below row i, the last one.
 * @param {WatchLink[]} links
 * @param {number} i
 */
function hasOutput(links, i) {
  return links.some(({ target }) => target === i + 1);
}

/**
 * The bracket of a connection, from the last line of its source to the first one of its target.
 * @param {WatchLink} link
 * @param {Map<number, [first: number, last: number]>} spans
 */
function createLink({ source, target, lane, text }, spans) {
  const from = /** @type {[number, number]} */ (spans.get(source));
  const to = /** @type {[number, number]} */ (spans.get(target));
  const isUp = target < source; // a module that is called again
  const bracket = createHtml("i", { class: "sg-link", role: "img", title: text, "aria-label": text });
  bracket.classList.toggle("sg-up", isUp);
  bracket.style.gridRow = isUp ? `${to[1]} / ${from[0] + 1}` : `${from[1]} / ${to[0] + 1}`;
  bracket.style.setProperty("--sg-lane", String(lane));
  return bracket;
}

/** @param {Record<string, string>} labels */
function createLoss(labels) {
  const curve = createSvg("svg", {
    viewBox: `0 0 ${BOX_WIDTH} ${LOSS_HEIGHT}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  const number = createHtml("output", { class: "sg-number sg-loss-number" });
  const ticks = createHtml("div", { class: "sg-ticks", "aria-hidden": "true" });
  const box = createHtml("div", { class: "sg-loss-box" }, curve, ticks);
  return {
    parts: [createHtml("strong", { class: "sg-name" }, labels.loss), number, box],
    number,
    /** @param {WatchPanel} panel */
    show({ loss }) {
      showShapes(curve, loss.curve);
      const visible = loss.ticks.filter(([share]) => share >= 0 && share <= 1);
      ticks.replaceChildren(
        ...visible.map(([share, text]) => createHtml("span", { style: `bottom: ${100 * share}%` }, text)),
      );
    },
  };
}

/** @param {Record<string, string>} labels */
function createSlider(labels) {
  const input = suppressShortcuts(
    createHtml("input", { type: "range", min: 0, max: 0, step: 1, class: "sg-scrubber", "aria-label": labels.step }),
  );
  const number = createHtml("output", { class: "sg-number sg-step-number" });
  const ends = createHtml("div", { class: "sg-scrub" }, input);
  return {
    parts: [createHtml("strong", { class: "sg-name" }, labels.step), number, ends],
    input,
    /**
     * @param {WatchPanel} panel
     * @param {number} at
     */
    moveTo(panel, at) {
      const step = panel.steps[at] ?? 0;
      if (input.valueAsNumber !== step) input.value = String(step);
      input.setAttribute("aria-valuetext", fill(labels.step_of, { step, total: panel.total }));
      number.textContent = String(step);
    },
  };
}

/**
 * @param {string} measure
 * @param {Record<string, string>} labels
 */
function createLegend(measure, labels) {
  const swatches = Array.from({ length: SHADES }, (_, i) => createHtml("i", { class: `sg-swatch sg-shade-${i}` }));
  const scale = createHtml(
    "div",
    { class: `sg-legend sg-of-${measure}`, "aria-hidden": "true" },
    createHtml("span", { class: "sg-low" }),
    ...swatches,
    createHtml("span", { class: "sg-high" }),
  );
  const name = createHtml(
    "span",
    { class: "sg-name sg-measure-name", title: labels[`${measure}_help`] },
    labels[measure],
  );
  return [name, scale];
}

/** @param {WatchRow} row */
function createModule({ path, kind, shape }) {
  return createHtml(
    "div",
    { class: "sg-module", title: [path, kind, shape].filter(Boolean).join(" ") },
    createHtml("span", { class: "sg-path" }, createHtml("b", {}, path), ` ${kind}`),
    createHtml("span", { class: "sg-shape" }, shape),
  );
}

/**
 * @param {WatchLine} line
 * @param {string} measure
 * @param {Record<string, string>} labels
 */
function createLine(line, measure, labels) {
  const edge = createHtml("i", { class: "sg-edge" });
  const value = createHtml("output", { class: "sg-number" });
  const name = createHtml("span", { class: "sg-parameter", title: line.name }, line.name);
  const cell = createHtml("div", { class: `sg-cell sg-of-${measure}` }, edge, name, value);
  const svg = createSvg("svg", {
    viewBox: `0 0 ${BOX_WIDTH} ${TRACK_HEIGHT}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  const track = suppressShortcuts(
    createHtml("div", { class: `sg-track sg-of-${measure}`, role: "img", tabindex: -1 }, svg),
  );
  let data = line;
  return {
    row: line.row,
    parts: [cell, track],
    track,
    /** @param {WatchLine} next */
    show(next) {
      data = next;
      showShapes(svg, next.track);
    },
    /**
     * @param {WatchPanel} panel
     * @param {number} at the index of a snapshot
     */
    moveTo({ rows, steps }, at) {
      const text = data.texts[at] ?? "";
      setText(value, measure === "gradient" ? `← ${text}` : text);
      edge.dataset.shade = data.shades[at] ?? "-";
      const row = `${rows[data.row].path} ${rows[data.row].kind}`.trim();
      const fields = { row, name: data.name, measure: labels[measure], step: steps[at] ?? 0, value: text };
      track.setAttribute("aria-label", fill(labels.line, fields));
    },
  };
}

/**
 * The plane of a model of two inputs.
 * @param {Record<string, string>} labels
 */
function createPlane(labels) {
  const field = createSvg("g");
  const axes = createSvg("g", { class: "sg-axes" });
  const points = createSvg("g");
  const frame = createSvg("g", {}, field, axes, points);
  const svg = createSvg("svg", { class: "sg-plane-picture", role: "img" }, frame);
  const legend = createHtml("figcaption");
  const element = createHtml("figure", { class: "sg-plane" }, svg, legend);
  /** @type {WatchPanel["boundary"]} */
  let boundary;
  let present = -1;
  let drawn = "";
  return {
    element,
    /** @param {WatchPanel} panel */
    show(panel) {
      boundary = panel.boundary;
      element.hidden = !boundary;
      present = -1;
      if (!boundary) return;
      const text = JSON.stringify([boundary.axes, boundary.points]);
      if (text === drawn) return;
      drawn = text;
      const [width, height] = boundary.size;
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      svg.style.maxWidth = `${width}px`;
      svg.setAttribute("aria-label", labels.boundary);
      frame.setAttribute("transform", `translate(${boundary.offset.join(" ")})`);
      showShapes(axes, boundary.axes);
      showShapes(points, boundary.points);
      legend.replaceChildren(labels.boundary, ...boundary.classes.map((name, i) => createClass(name, i, labels)));
    },
    /** @param {number} at */
    moveTo(at) {
      const next = boundary?.frame_of[at] ?? -1;
      if (!boundary || next === present) return;
      present = next;
      showShapes(field, boundary.frames[next] ?? []);
    },
  };
}

/**
 * @param {string} name
 * @param {number} i
 * @param {Record<string, string>} labels
 */
function createClass(name, i, labels) {
  return createHtml(
    "span",
    {},
    createHtml("i", { class: `sg-class-sign sg-class-sign-${i % 4}`, "aria-hidden": "true" }),
    fill(labels.class, { name }),
  );
}
