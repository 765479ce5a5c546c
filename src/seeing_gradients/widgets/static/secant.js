// Built by "make js" from sources with the hash f5b19b91de2bc794. Change those, not this file.

// page/elements.js
var SVG_NAMESPACE = "http://www.w3.org/2000/svg";
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}
function createHtml(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}
function createSvg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG_NAMESPACE, tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}
function suppressShortcuts(element) {
  element.dataset.lmSuppressShortcuts = "true";
  return element;
}

// page/axes.js
function createAxes(width, height, [across, up], { below, left }, attributes = {}) {
  const group = createSvg("g", { class: "sg-axes", ...attributes }, createSvg("rect", { width, height }));
  for (const [share, text] of across) {
    const x = share * width;
    group.append(
      createSvg("path", { d: `M${x},${height}v5` }),
      createSvg("text", { x, y: height + below, "text-anchor": "middle" }, text)
    );
  }
  for (const [share, text] of up) {
    const y = (1 - share) * height;
    group.append(
      createSvg("path", { d: `M0,${y}h-5` }),
      createSvg("text", { x: -left, y: y + 4, "text-anchor": "end" }, text)
    );
  }
  return group;
}

// page/numbers.js
var DEFAULT_DIGITS = 7;
function roundTo(x, digits = 3) {
  return Number(x.toPrecision(digits));
}
function shortest(x, digits = DEFAULT_DIGITS) {
  return String(roundTo(x, digits));
}

// page/scales.js
function decadeNotch(value, perDecade) {
  return Math.round(perDecade * Math.log10(value));
}
function valueAtDecadeNotch(notch, perDecade) {
  return 10 ** (notch / perDecade);
}

// page/timers.js
function createTimers() {
  const running = /* @__PURE__ */ new Map();
  const debounce = (name, action, delay) => {
    clearTimeout(running.get(name));
    running.set(name, setTimeout(action, delay));
  };
  const throttle = (name, action, delay) => {
    if (running.has(name)) return;
    const run = () => {
      running.delete(name);
      action();
    };
    running.set(name, setTimeout(run, delay));
  };
  const cancel = (name) => {
    clearTimeout(running.get(name));
    running.delete(name);
  };
  const stop = () => {
    for (const timer of running.values()) clearTimeout(timer);
  };
  return { debounce, throttle, cancel, stop };
}
function createFrameAction(action) {
  let frame = 0;
  const run = () => {
    frame = 0;
    action();
  };
  return {
    request() {
      frame ||= requestAnimationFrame(run);
    },
    cancel() {
      cancelAnimationFrame(frame);
      frame = 0;
    }
  };
}

// secant/secant.js
var ANNOUNCE_DELAY = 500;
function render({ model, el }) {
  const { title } = model.get("spec");
  const timers = createTimers();
  const sending = createFrameAction(() => model.save_changes());
  const move = (name, value) => {
    model.set(name, value);
    controls.show();
    sending.request();
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
      status
    )
  );
  model.on("change:shown", show);
  model.on("change:h change:precision change:kind", controls.show);
  show();
  return () => {
    sending.cancel();
    timers.stop();
    model.off("change:shown", show);
    model.off("change:h change:precision change:kind", controls.show);
  };
}
function createPlots(model) {
  const { curve, size, margin, axes, ticks, precisions, labels } = model.get("spec");
  const [width, height] = size;
  const [top, right, bottom, left] = margin;
  const createPlot = (which, label, ...marks) => {
    const whole = [left + width + right, top + height + bottom];
    const frame = createAxes(width, height, ticks[which], { below: 17, left: 8 });
    const [across, up] = axes[which];
    frame.append(
      createSvg("text", { class: "sg-name", x: width / 2, y: height + 34, "text-anchor": "middle" }, across),
      createSvg("text", { class: "sg-name", x: 8, y: which ? height - 9 : 18 }, up)
    );
    return createSvg(
      "svg",
      {
        class: "sg-picture",
        viewBox: `0 0 ${whole.join(" ")}`,
        role: "img",
        "aria-label": label,
        style: `max-width: ${whole[0]}px`
      },
      createSvg("g", { transform: `translate(${left} ${top})` }, frame, ...marks)
    );
  };
  const tangent = createSvg("path", { class: "sg-tangent" });
  const secant = createSvg("path", { class: "sg-secant-line" });
  const ends = createSvg("g");
  const errorCurves = precisions.map((precision) => ({ precision, path: createSvg("path") }));
  const mark = createSvg("circle", { class: "sg-point", r: 5.5 });
  const graph = createSvg("path", { class: "sg-graph", d: curve });
  const element = createHtml(
    "div",
    { class: "sg-plots" },
    createPlot(0, labels.plot_curve, graph, secant, tangent, ends),
    createPlot(1, labels.plot_error, ...errorCurves.map(({ path }) => path), mark)
  );
  return {
    element,
    /** @param {SecantTraits["shown"]} shown */
    show(shown) {
      tangent.setAttribute("d", shown.tangent);
      secant.setAttribute("d", shown.secant);
      ends.replaceChildren(...shown.ends.map(([cx, cy]) => createSvg("circle", { class: "sg-point", cx, cy, r: 5.5 })));
      for (const { precision, path } of errorCurves) {
        path.setAttribute("d", shown.curves[precision]);
        const isChosen = precision === model.get("precision");
        path.setAttribute("class", isChosen ? "sg-error-line" : "sg-error-line sg-faint");
      }
      mark.style.display = shown.mark ? "" : "none";
      if (shown.mark) {
        mark.setAttribute("cx", String(shown.mark[0]));
        mark.setAttribute("cy", String(shown.mark[1]));
      }
    }
  };
}
function createControls(model, move) {
  const { lowest, notches, precisions, kinds, labels } = model.get("spec");
  const output = createHtml("output");
  const range = suppressShortcuts(
    createHtml("input", { type: "range", min: decadeNotch(lowest, notches), max: 0, step: 1 })
  );
  range.addEventListener("input", () => move("h", valueAtDecadeNotch(range.valueAsNumber, notches)));
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
    }
  };
}
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
function createLegend(labels) {
  const entry = (kind, text) => createHtml("span", {}, createHtml("i", { class: `sg-sign sg-sign-${kind}`, "aria-hidden": "true" }), text);
  return createHtml(
    "p",
    { class: "sg-legend" },
    entry("secant", labels.secant),
    entry("tangent", labels.tangent),
    entry("faint", labels.both)
  );
}
var secant_default = { render };
export {
  secant_default as default
};
