// Built by "make js" from sources with the hash b645e4ea927a25cd. Change those, not this file.

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

// page/shapes.js
function createShape(shape) {
  const name = `sg-${shape[0]}`;
  switch (shape[1]) {
    case "path": {
      return createSvg("path", { class: name, d: shape[2] });
    }
    case "circle": {
      const [, , cx, cy, r] = shape;
      return createSvg("circle", { class: name, cx, cy, r });
    }
    case "rect": {
      const [, , x, y, width, height, rx] = shape;
      return createSvg("rect", { class: name, x, y, width, height, rx });
    }
    case "text": {
      const [, , x, y, anchor, words] = shape;
      return createSvg("text", { class: name, x, y, "text-anchor": anchor }, words);
    }
  }
}
function showShapes(parent, shapes) {
  parent.replaceChildren(...shapes.map(createShape));
}

// page/silence.js
var PATIENCE = 1500;
var SETTLE_DELAY = 4e3;
function createSilence(widget, timers, sentence) {
  const notice = createHtml("p", { class: "sg-silent-notice", role: "status" });
  notice.hidden = true;
  widget.prepend(notice);
  const settle = () => widget.classList.add("sg-silent-settled");
  const greyOut = () => {
    notice.textContent = sentence();
    notice.hidden = false;
    widget.classList.add("sg-silent");
    timers.debounce("silence-settles", settle, SETTLE_DELAY);
  };
  return {
    /**
     * The page asked for something; from now on an answer is expected.
     * @param {number} patience ms
     */
    expect(patience = PATIENCE) {
      timers.throttle("silence", greyOut, patience);
    },
    /** The answer came. */
    end() {
      timers.cancel("silence");
      timers.cancel("silence-settles");
      if (notice.hidden) return;
      notice.hidden = true;
      widget.classList.remove("sg-silent", "sg-silent-settled");
    }
  };
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
  const { title, labels } = model.get("spec");
  const timers = createTimers();
  const sending = createFrameAction(() => model.save_changes());
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
      status
    )
  );
  const silence = createSilence(
    /** @type {HTMLElement} */
    el.firstElementChild,
    timers,
    () => labels.silent.replace("{position}", model.get("shown").rows[0].join(" = "))
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
        style: `max-width: ${whole[0]}px`
      },
      createSvg("g", { transform: `translate(${left} ${top})` }, below, marks)
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
