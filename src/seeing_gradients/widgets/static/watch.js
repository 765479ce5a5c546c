// Built by "make js" from sources with the hash 1ccb22e7d2ba77a2. Change those, not this file.

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
function addHtml(parent, tag, className = "") {
  const element = createHtml(tag, className ? { class: className } : {});
  parent.append(element);
  return element;
}
function addButton(parent, className, action) {
  const button = suppressShortcuts(addHtml(parent, "button", className));
  button.type = "button";
  button.addEventListener("click", action);
  return button;
}
function setText(element, text) {
  const { firstChild } = element;
  const isText = firstChild?.nodeType === Node.TEXT_NODE && !firstChild.nextSibling;
  if ((isText ? firstChild.nodeValue : element.textContent) === text) return false;
  if (isText && text) firstChild.nodeValue = text;
  else element.textContent = text;
  return true;
}
function suppressShortcuts(element) {
  element.dataset.lmSuppressShortcuts = "true";
  return element;
}

// page/offers.js
function offers(model, name, value) {
  return model.offers?.(name, value) ?? true;
}

// page/sentences.js
function joined(sentences) {
  return sentences.filter(Boolean).join(" ").replace(/([。！？]) /g, "$1");
}

// page/silence.js
var PATIENCE = 1500;
var TRAINING_PATIENCE = 5e3;
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

// page/numbers.js
function roundTo(x, digits = 3) {
  return Number(x.toPrecision(digits));
}
function clamp(x, low, high) {
  return Math.min(Math.max(x, low), high);
}

// page/scales.js
function notchOf({ low, high }, value, notches) {
  return Math.round(notches * Math.log(value / low) / Math.log(high / low));
}
function valueAtNotch({ low, high }, notch, notches) {
  return low * (high / low) ** (notch / notches);
}

// watch/choices.js
var NOTCHES = 60;
function notchOfValue(control, value) {
  if (control.log) return notchOf(control, value, NOTCHES);
  return Math.round((value - control.low) / (control.high - control.low) * NOTCHES);
}
function valueOfNotch(control, notch) {
  if (notch === 0) return control.low;
  if (notch === NOTCHES) return control.high;
  if (control.log) return roundTo(valueAtNotch(control, notch, NOTCHES), 2);
  return roundTo(control.low + notch / NOTCHES * (control.high - control.low), 3);
}
function createChoices(model, choose) {
  const { controls } = model.get("spec");
  const create = (control) => {
    const change = (value) => choose({ ...model.get("choices"), [control.name]: value });
    if (control.kind === "menu") return createMenu(control, change);
    return control.kind === "switch" ? createSwitch(control, change) : createSlider(control, change);
  };
  const all = controls.map((control) => ({ name: control.name, ...create(control) }));
  return {
    element: createHtml("div", { class: "sg-choices" }, ...all.map(({ element }) => element)),
    show() {
      for (const { name, show } of all) show(model.get("choices")[name]);
    }
  };
}
function createSlider(control, change) {
  const isInteger = control.kind === "integer";
  const ends = isInteger ? { min: control.low, max: control.high } : { min: 0, max: NOTCHES };
  const input = suppressShortcuts(createHtml("input", { type: "range", step: 1, ...ends }));
  const output = createHtml("output");
  const label = createHtml("label", { class: "sg-choice" }, createHtml("span", {}, control.name), input, output);
  const show = (value) => {
    const notch = isInteger ? value : notchOfValue(control, value);
    if (input.valueAsNumber !== notch) input.value = String(notch);
    const text = String(roundTo(value));
    output.textContent = text;
    input.setAttribute("aria-valuetext", text);
  };
  input.addEventListener("input", () => {
    const value = isInteger ? input.valueAsNumber : valueOfNotch(control, input.valueAsNumber);
    change(value);
    show(value);
  });
  return { element: label, show };
}
function createMenu(control, change) {
  const options = control.options.map((text, value) => createHtml("option", { value }, text));
  const select = suppressShortcuts(createHtml("select", {}, ...options));
  select.addEventListener("change", () => change(Number(select.value)));
  const element = createHtml("label", { class: "sg-choice" }, createHtml("span", {}, control.name), select);
  const show = (value) => {
    select.value = String(value);
  };
  return { element, show };
}
function createSwitch(control, change) {
  const input = suppressShortcuts(createHtml("input", { type: "checkbox" }));
  input.addEventListener("change", () => change(Number(input.checked)));
  const element = createHtml("label", { class: "sg-choice" }, input, createHtml("span", {}, control.name));
  const show = (value) => {
    input.checked = value !== 0;
  };
  return { element, show };
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

// watch/timeline.js
var MAX_FRAMES = 90;
var MAX_CALM_FRAMES = 12;
function nearestIndex(numbers, value) {
  let nearest = 0;
  for (let i = 1; i < numbers.length; i += 1) {
    if (Math.abs(numbers[i] - value) < Math.abs(numbers[nearest] - value)) nearest = i;
  }
  return nearest;
}
function indexOfPosition(position, count) {
  return position < 0 ? Math.max(count - 1, 0) : clamp(position, 0, Math.max(count - 1, 0));
}
function positionOfIndex(index, count) {
  return index >= count - 1 ? -1 : Math.max(index, 0);
}
function filmIndices(first, count, isCalm) {
  const last = count - 1;
  const stride = Math.max(1, Math.ceil((last - first) / (isCalm ? MAX_CALM_FRAMES : MAX_FRAMES)));
  const indices = [];
  for (let i = first; i < last; i += stride) indices.push(i);
  return [...indices, last];
}
function fill(template, fields) {
  return template.replace(/\{(\w+)\}/g, (whole, name) => String(fields[name] ?? whole)).trim();
}

// watch/panel.js
var BY_KEY = /* @__PURE__ */ new Map([
  ["ArrowLeft", -1],
  ["ArrowRight", 1],
  ["PageDown", -10],
  ["PageUp", 10],
  ["Home", -Infinity],
  ["End", Infinity]
]);
var BY_KEY_OF_SLIDER = /* @__PURE__ */ new Map([
  ["ArrowDown", -1],
  ["ArrowUp", 1]
]);
var [BOX_WIDTH, TRACK_HEIGHT, LOSS_HEIGHT, SHADES] = [1e3, 10, 100, 9];
function createPanel(spec, actions) {
  const { labels } = spec;
  const caption = createHtml("p", { class: "sg-caption" });
  const time = createHtml("div", { class: "sg-time" });
  const plane = createPlane(labels);
  const trouble = createHtml("p", { class: "sg-trouble" });
  const notes = createHtml("p", { class: "sg-notes" });
  const cursor = createHtml("i", { class: "sg-cursor" });
  const loss = createLoss(labels);
  const slider = createSlider2(labels);
  let lines = [];
  let structure = "";
  let panel;
  slider.input.addEventListener("input", () => actions.goTo(slider.input.valueAsNumber));
  slider.input.addEventListener("keydown", (event) => moveByKey(event));
  time.addEventListener("click", (event) => {
    const box = (
      /** @type {HTMLElement} */
      event.target.closest(".sg-track, .sg-loss-box")
    );
    if (!box || !panel) return;
    const { left, width } = box.getBoundingClientRect();
    actions.goTo(panel.steps[nearestIndex(panel.shares, (event.clientX - left) / width * BOX_WIDTH)]);
  });
  time.addEventListener("keydown", (event) => {
    const track = (
      /** @type {HTMLElement} */
      event.target.closest(".sg-track")
    );
    if (track instanceof HTMLElement) moveByKey(event, track);
  });
  const moveByKey = (event, track) => {
    const by = BY_KEY.get(event.key) ?? (track ? 0 : BY_KEY_OF_SLIDER.get(event.key) ?? 0);
    const next = lines.findIndex((line) => line.track === track) + (event.key === "ArrowDown" ? 1 : -1);
    if (event.key === "Enter") actions.open();
    else if (by) actions.moveBy(by);
    else if (!track || !/^Arrow(Up|Down)$/.test(event.key)) return;
    else if (lines[next]) focusLine(next);
    event.preventDefault();
  };
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
      notes
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
        measure.lines.map(({ row, name }) => [row, name])
      ]);
      if (shape !== structure) {
        structure = shape;
        lines = measure.lines.map((line) => createLine(line, measureName, labels));
        const legend = createLegend(measureName, labels);
        const modules = next.rows.map((row, i) => ({
          box: createModule(row),
          lines: lines.filter((line) => line.row === i).map(({ parts }) => parts)
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
      setText(
        /** @type {Element} */
        time.querySelector(".sg-low"),
        measure.low
      );
      setText(
        /** @type {Element} */
        time.querySelector(".sg-high"),
        measure.high
      );
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
    }
  };
}
function layOut(time, heads, modules, cursor, { links, chained }, labels) {
  let row = 0;
  const addRow = (parts) => {
    row += 1;
    for (const part of parts) part.style.gridRow = String(row);
    return parts;
  };
  const spans = /* @__PURE__ */ new Map();
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
    box.classList.toggle("sg-slim", lines.length < 2);
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
function hasOutput(links, i) {
  return links.some(({ target }) => target === i + 1);
}
function createLink({ source, target, lane, text }, spans) {
  const from = (
    /** @type {[number, number]} */
    spans.get(source)
  );
  const to = (
    /** @type {[number, number]} */
    spans.get(target)
  );
  const isUp = target < source;
  const bracket = createHtml("i", { class: "sg-link", role: "img", title: text, "aria-label": text });
  bracket.classList.toggle("sg-up", isUp);
  bracket.style.gridRow = isUp ? `${to[1]} / ${from[0] + 1}` : `${from[1]} / ${to[0] + 1}`;
  bracket.style.setProperty("--sg-lane", String(lane));
  return bracket;
}
function createLoss(labels) {
  const curve = createSvg("svg", {
    viewBox: `0 0 ${BOX_WIDTH} ${LOSS_HEIGHT}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true"
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
        ...visible.map(([share, text]) => createHtml("span", { style: `bottom: ${100 * share}%` }, text))
      );
    }
  };
}
function createSlider2(labels) {
  const input = suppressShortcuts(
    createHtml("input", { type: "range", min: 0, max: 0, step: 1, class: "sg-scrubber", "aria-label": labels.step })
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
    }
  };
}
function createLegend(measure, labels) {
  const swatches = Array.from({ length: SHADES }, (_, i) => createHtml("i", { class: `sg-swatch sg-shade-${i}` }));
  const scale = createHtml(
    "div",
    { class: `sg-legend sg-of-${measure}`, "aria-hidden": "true" },
    createHtml("span", { class: "sg-low" }),
    ...swatches,
    createHtml("span", { class: "sg-high" })
  );
  const name = createHtml(
    "span",
    { class: "sg-name sg-measure-name", title: labels[`${measure}_help`] },
    labels[measure]
  );
  return [name, scale];
}
function createModule({ path, kind, shape }) {
  return createHtml(
    "div",
    { class: "sg-module", title: [path, kind, shape].filter(Boolean).join(" ") },
    createHtml("span", { class: "sg-path" }, createHtml("b", {}, path), ` ${kind}`),
    createHtml("span", { class: "sg-shape" }, shape)
  );
}
function createLine(line, measure, labels) {
  const edge = createHtml("i", { class: "sg-edge" });
  const value = createHtml("output", { class: "sg-number" });
  const name = createHtml("span", { class: "sg-parameter", title: line.name }, line.name);
  const cell = createHtml("div", { class: `sg-cell sg-of-${measure}` }, edge, name, value);
  const svg = createSvg("svg", {
    viewBox: `0 0 ${BOX_WIDTH} ${TRACK_HEIGHT}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true"
  });
  const track = suppressShortcuts(
    createHtml("div", { class: `sg-track sg-of-${measure}`, role: "img", tabindex: -1 }, svg)
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
    }
  };
}
function createPlane(labels) {
  const field = createSvg("g");
  const axes = createSvg("g", { class: "sg-axes" });
  const points = createSvg("g");
  const frame = createSvg("g", {}, field, axes, points);
  const svg = createSvg("svg", { class: "sg-plane-picture", role: "img" }, frame);
  const legend = createHtml("figcaption");
  const element = createHtml("figure", { class: "sg-plane" }, svg, legend);
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
    }
  };
}
function createClass(name, i, labels) {
  return createHtml(
    "span",
    {},
    createHtml("i", { class: `sg-class-sign sg-class-sign-${i % 4}`, "aria-hidden": "true" }),
    fill(labels.class, { name })
  );
}

// watch/watch.js
var ANNOUNCE_DELAY = 500;
var CHOICE_DELAY = 90;
var [FRAME, CALM_FRAME] = [70, 600];
function render({ model, el }) {
  const { title, labels } = model.get("spec");
  const timers = createTimers();
  const sending = createFrameAction(() => model.save_changes());
  let film = [];
  let measure = model.get("spec").measures[0];
  let opening = "";
  const body = createHtml("div", { class: "sg-watch-body" });
  const progress = createHtml("progress", { "aria-label": labels.training });
  const training = createHtml("span", { class: "sg-training" }, createHtml("span", {}, labels.training), progress);
  const stop = addButton(training, "sg-stop", () => model.send({ stop: true }));
  stop.textContent = labels.stop;
  let known = JSON.stringify(model.get("choices"));
  let isChoosing = false;
  const choices = createChoices(model, (chosen) => {
    isChoosing = true;
    model.set("choices", chosen);
    isChoosing = false;
    silence.expect();
    timers.debounce("choose", sendChoices, CHOICE_DELAY);
  });
  const sendChoices = () => {
    const chosen = JSON.stringify(model.get("choices"));
    if (chosen === known && !model.get("shown").is_training) silence.end();
    known = chosen;
    model.save_changes();
  };
  const showChoices = () => {
    if (!isChoosing) known = JSON.stringify(model.get("choices"));
    choices.show();
  };
  const tools = createHtml("div", { class: "sg-tools" });
  const play = addButton(tools, "sg-play", () => film.length ? pause() : start());
  const menu = createMeasureMenu(model, (chosen) => {
    measure = chosen;
    showRuns();
  });
  tools.append(menu);
  const open = addButton(tools, "sg-open", () => openStep());
  const keep = addButton(tools, "sg-keep", () => {
    model.set("baseline", !model.get("baseline"));
    model.save_changes();
    silence.expect();
  });
  keep.hidden = !model.get("spec").controls.length;
  const problem = createHtml("p", { class: "sg-problem", role: "alert" });
  const help = createHtml("p", { class: "sg-help" });
  const status = createHtml("p", { class: "sg-hidden", role: "status" });
  const host = createHtml("div", { class: "sg-explorer-host" });
  const actions = {
    /** @param {number} step */
    goTo: (step) => moveTo(nearestIndex(steps(), step)),
    /** @param {number} by */
    moveBy: (by) => moveTo(Math.min(Math.max(present() + by, 0), steps().length - 1)),
    open: () => openStep()
  };
  const panels = [createPanel(model.get("spec"), actions), createPanel(model.get("spec"), actions)];
  const steps = () => model.get("shown").panels[0]?.steps ?? [];
  const present = () => indexOfPosition(model.get("position"), steps().length);
  const moveTo = (index, isFilm = false) => {
    if (!isFilm) pause();
    model.set("position", positionOfIndex(index, steps().length));
    showPosition();
    sending.request();
  };
  const start = () => {
    const index = present();
    const first = index >= steps().length - 1 ? 0 : index;
    film = filmIndices(first, steps().length, matchMedia("(prefers-reduced-motion: reduce)").matches);
    showNextFrame();
  };
  const showNextFrame = () => {
    const next = film.shift();
    if (next === void 0) return;
    moveTo(next, true);
    const delay = matchMedia("(prefers-reduced-motion: reduce)").matches ? CALM_FRAME : FRAME;
    if (film.length) timers.throttle("film", showNextFrame, delay);
    showPlay();
  };
  const pause = () => {
    film = [];
    timers.cancel("film");
    showPlay();
  };
  const showPlay = () => setText(play, film.length ? labels.pause : labels.play);
  const openStep = () => {
    const panel = model.get("shown").panels[0];
    if (panel?.openable[present()] !== "1") return;
    opening = fill(labels.opening, { step: panel.steps[present()] });
    showPosition();
    silence.expect();
    model.send({ open: [0, present()] });
  };
  const showPosition = () => {
    const shown = model.get("shown");
    const index = present();
    const step = steps()[index] ?? 0;
    shown.panels.forEach((panel2, i) => {
      panels[i]?.moveTo(i ? nearestIndex(panel2.steps, step) : index);
    });
    const panel = shown.panels[0];
    setText(open, opening || fill(labels.open, { step }));
    open.disabled = opening !== "" || panel?.openable[index] !== "1";
    timers.debounce("announce", announce, ANNOUNCE_DELAY);
  };
  const announce = () => {
    const panel = model.get("shown").panels[0];
    if (!panel?.steps.length) return;
    const fields = { step: panel.steps[present()], loss: panel.loss.texts[present()] };
    setText(status, joined([fill(labels.summary, fields), panel.trouble]));
  };
  const showRuns = () => {
    const shown = model.get("shown");
    panels.forEach(({ element }, i) => {
      element.hidden = !shown.panels[i]?.steps.length;
    });
    shown.panels.slice(0, 2).forEach((panel2, i) => {
      panels[i].show(panel2, measure);
    });
    body.classList.toggle("sg-two", shown.panels.length > 1);
    for (const option of menu.querySelectorAll("option")) {
      option.disabled = steps().length > 0 && shown.panels.every(({ measures }) => !measures[option.value]?.lines.length);
    }
    setText(problem, shown.problem || (steps().length || shown.is_training ? "" : labels.no_steps));
    problem.classList.toggle("sg-error", Boolean(shown.problem));
    const panel = shown.panels[0];
    training.hidden = !shown.is_training;
    progress.max = panel?.total ?? 1;
    progress.value = panel?.done ?? 0;
    play.disabled = steps().length < 2;
    const canOpen = offers(model, "explorer", "") && (shown.is_training || /1/.test(panel?.openable ?? ""));
    open.hidden = !canOpen;
    setText(help, canOpen ? labels.help : labels.help_recorded);
    setText(keep, model.get("baseline") ? labels.drop : labels.keep);
    choices.show();
    showPosition();
    showPlay();
    body.dataset.sequence = String(shown.sequence);
    body.dataset.training = String(shown.is_training);
  };
  const receiveRuns = () => {
    silence.end();
    showRuns();
    askForMore();
  };
  const askForMore = () => {
    const { is_training: isTraining, sequence } = model.get("shown");
    if (!isTraining) return;
    silence.expect(TRAINING_PATIENCE);
    model.send({ more: sequence });
  };
  const explorer = createExplorerHost(model, host, () => {
    opening = "";
    showPosition();
  });
  const receive = (content) => {
    if (content.not_opened === void 0) return;
    opening = "";
    setText(problem, content.not_opened);
    problem.classList.add("sg-error");
    showPosition();
  };
  el.classList.add("sg-host");
  body.append(
    createHtml("div", { class: "sg-head" }, createHtml("strong", {}, title), training),
    choices.element,
    problem,
    tools,
    createHtml("div", { class: "sg-panels" }, ...panels.map(({ element }) => element)),
    help,
    status
  );
  el.replaceChildren(
    createHtml("div", { class: "sg sg-widget sg-watch", role: "group", "aria-label": title }, body, host)
  );
  const silence = createSilence(
    /** @type {HTMLElement} */
    el.firstElementChild,
    timers,
    () => {
      opening = "";
      showPosition();
      const caption = model.get("shown").panels[0]?.caption;
      return caption ? labels.silent.replace("{position}", caption) : labels.silent_training;
    }
  );
  const listeners = [
    ["change:shown", receiveRuns],
    ["change:answered", silence.end],
    ["change:position", showPosition],
    ["change:choices", showChoices],
    ["change:baseline", showRuns],
    ["change:explorer change:opened_step", explorer.show],
    ["msg:custom", receive]
  ];
  for (const [names, listener] of listeners) model.on(names, listener);
  receiveRuns();
  explorer.show();
  return () => {
    sending.cancel();
    timers.stop();
    explorer.remove();
    for (const [names, listener] of listeners) model.off(names, listener);
  };
}
function createMeasureMenu(model, choose) {
  const { measures, labels } = model.get("spec");
  const options = measures.map((value) => createHtml("option", { value }, labels[value]));
  const select = suppressShortcuts(createHtml("select", { class: "sg-measure" }, ...options));
  const showHelp = () => {
    select.title = labels[`${select.value}_help`];
  };
  select.addEventListener("change", () => {
    showHelp();
    choose(select.value);
  });
  showHelp();
  return createHtml("label", { class: "sg-choice" }, createHtml("span", {}, labels.show), select);
}
function createExplorerHost(model, host, shown) {
  const { labels } = model.get("spec");
  let view = null;
  let present = "";
  const close = () => {
    view?.remove();
    view = null;
    host.replaceChildren();
  };
  const show = async () => {
    const reference = model.get("explorer") ?? "";
    if (reference === present) return;
    present = reference;
    close();
    if (!reference) return;
    const manager = (
      /** @type {{ widget_manager?: WidgetManager }} */
      /** @type {unknown} */
      model.widget_manager
    );
    if (!manager) return;
    const child = await manager.get_model(reference.replace("IPY_MODEL_", ""));
    const created = await manager.create_view(child);
    if (reference !== present) return created.remove();
    view = created;
    const head = createHtml("p", { class: "sg-opened" }, fill(labels.opened, { step: model.get("opened_step") }));
    const button = addButton(head, "sg-close", () => model.send({ close: true }));
    button.textContent = labels.close;
    host.replaceChildren(head, view.el);
    shown();
    host.scrollIntoView({ block: "nearest" });
  };
  return { show, remove: close };
}
var watch_default = { render };
export {
  watch_default as default
};
