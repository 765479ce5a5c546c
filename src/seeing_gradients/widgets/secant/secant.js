// The page's side of secant. It draws what Python computed, and sets traits when the learner uses a control.
// It never evaluates f.

import { createHtml, createSvg, suppressShortcuts } from "../page/elements.js";
import { shortest } from "../page/numbers.js";
import { decadeNotch, valueAtDecadeNotch } from "../page/scales.js";
import { showShapes } from "../page/shapes.js";
import { createSilence } from "../page/silence.js";
import { createFrameAction, createTimers } from "../page/timers.js";

/** @import { Model, RenderProps } from "../page/anywidget" */
/** @import { SecantTraits } from "./data" */

const ANNOUNCE_DELAY = 500; // ms without a change, after which a screen reader is told

/** @param {RenderProps<SecantTraits>} props */
function render({ model, el }) {
  const { title, labels } = model.get("spec");
  const timers = createTimers();
  const sending = createFrameAction(() => model.save_changes());
  /**
   * Set a trait now, and send it with the next animation frame, so that only the newest of many moves is sent.
   * @template {keyof SecantTraits} Name
   * @param {Name} name
   * @param {SecantTraits[Name]} value
   */
  const move = (name, value) => {
    model.set(name, value);
    controls.show();
    sending.request();
    silence.expect();
  };

  const plots = createPlots(model);
  const controls = createControls(model, move);
  const rows = createHtml("tbody");
  const note = createHtml("p", { class: "sg-note" });
  const status = createHtml("p", { class: "sg-hidden", role: "status" });

  const show = () => {
    const shown = model.get("shown");
    plots.show(shown);
    showRows(rows, shown.rows);
    note.textContent = shown.note;
    const announce = () => {
      status.textContent = `${shown.summary} ${shown.note}`;
    };
    timers.debounce("announce", announce, ANNOUNCE_DELAY);
    controls.show();
  };

  el.classList.add("sg-host");
  el.replaceChildren(
    createHtml(
      "div",
      { class: "sg sg-widget sg-secant", role: "group", "aria-label": title },
      createHtml("strong", {}, title),
      controls.element,
      plots.element,
      createLegend(model.get("spec").labels),
      createHtml("table", { class: "sg-numbers" }, rows),
      note,
      status,
    ),
  );

  const silence = createSilence(/** @type {HTMLElement} */ (el.firstElementChild), timers, () =>
    labels.silent.replace("{position}", model.get("shown").rows[0].join(" = ")),
  );
  model.on("change:answered", silence.end);
  model.on("change:shown", show);
  model.on("change:h change:precision change:kind", controls.show);
  show();
  return () => {
    sending.cancel();
    timers.stop();
    model.off("change:answered", silence.end);
    model.off("change:shown", show);
    model.off("change:h change:precision change:kind", controls.show);
  };
}

/**
 * The two plots: the curve with its secant and tangent, and the error over the step.
 * @param {Model<SecantTraits>} model
 */
function createPlots(model) {
  const { size, margin, background, labels } = model.get("spec");
  const [width, height] = size;
  const [top, right, bottom, left] = margin;
  const plots = [labels.plot_curve, labels.plot_error].map((label, which) => {
    const whole = [left + width + right, top + height + bottom];
    const below = createSvg("g", { class: "sg-axes" });
    const marks = createSvg("g");
    showShapes(below, background[which]);
    const svg = createSvg(
      "svg",
      {
        class: "sg-picture",
        viewBox: `0 0 ${whole.join(" ")}`,
        role: "img",
        "aria-label": label,
        style: `max-width: ${whole[0]}px`,
      },
      createSvg("g", { transform: `translate(${left} ${top})` }, below, marks),
    );
    return { svg, marks };
  });
  return {
    element: createHtml("div", { class: "sg-plots" }, ...plots.map(({ svg }) => svg)),
    /** @param {SecantTraits["shown"]} shown */
    show(shown) {
      plots.forEach(({ marks }, which) => {
        showShapes(marks, shown.marks[which]);
      });
    },
  };
}

/**
 * The slider of the step, and the menus of precision and kind.
 * @param {Model<SecantTraits>} model
 * @param {<Name extends keyof SecantTraits>(name: Name, value: SecantTraits[Name]) => void} move
 */
function createControls(model, move) {
  const { lowest, notches, precisions, kinds, labels } = model.get("spec");
  const output = createHtml("output");
  const range = suppressShortcuts(
    createHtml("input", { type: "range", min: decadeNotch(lowest, notches), max: 0, step: 1 }),
  );
  range.addEventListener("input", () => move("h", valueAtDecadeNotch(range.valueAsNumber, notches)));
  /**
   * @param {string} label
   * @param {"precision" | "kind"} name
   * @param {string[]} values
   * @param {string[]} texts
   */
  const menu = (label, name, values, texts) => {
    const options = values.map((value, i) => createHtml("option", { value }, texts[i]));
    const select = suppressShortcuts(createHtml("select", {}, ...options));
    select.addEventListener("change", () => move(name, select.value));
    return { select, element: createHtml("label", { class: "sg-choice" }, createHtml("span", {}, label), select) };
  };
  const precision = menu(labels.precision, "precision", precisions, precisions);
  const kind = menu(labels.kind, "kind", kinds, [labels.central, labels.one_sided]);
  const slider = createHtml("label", { class: "sg-slider" }, createHtml("span", {}, labels.step), range, output);
  return {
    element: createHtml("div", { class: "sg-controls" }, slider, precision.element, kind.element),
    show() {
      const h = model.get("h");
      const notch = decadeNotch(h, notches);
      if (range.valueAsNumber !== notch) range.value = String(notch);
      const text = shortest(h, 3);
      output.textContent = text;
      range.setAttribute("aria-valuetext", text);
      precision.select.value = model.get("precision");
      kind.select.value = model.get("kind");
    },
  };
}

/**
 * Show pairs of a name and a number as the rows of a table. It reuses the rows, so that selected text stays selected.
 * @param {HTMLTableSectionElement} body
 * @param {[string, string][]} pairs
 */
function showRows(body, pairs) {
  while (body.rows.length > pairs.length) body.deleteRow(-1);
  while (body.rows.length < pairs.length) {
    body.append(createHtml("tr", {}, createHtml("th", { scope: "row" }), createHtml("td")));
  }
  pairs.forEach((texts, i) => {
    texts.forEach((text, k) => {
      body.rows[i].cells[k].textContent = text;
    });
  });
}

/** @param {SecantTraits["spec"]["labels"]} labels */
function createLegend(labels) {
  /**
   * @param {string} kind
   * @param {string} text
   */
  const entry = (kind, text) =>
    createHtml("span", {}, createHtml("i", { class: `sg-sign sg-sign-${kind}`, "aria-hidden": "true" }), text);
  return createHtml(
    "p",
    { class: "sg-legend" },
    entry("secant", labels.secant),
    entry("tangent", labels.tangent),
    entry("faint", labels.both),
  );
}

export default { render };
