// Built by "make js" from sources with the hash 751a7127b17953f0. Change those, not this file.

// page/elements.js
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}
function createHtml(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}
function suppressShortcuts(element) {
  element.dataset.lmSuppressShortcuts = "true";
  return element;
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

// predict/predict.js
function withCode(text) {
  return text.split("`").map((part, i) => i % 2 ? createHtml("code", {}, part) : part);
}
function revealAnswers(widget) {
  let cell = widget.closest(".jp-Cell")?.nextElementSibling;
  while (cell && !cell.querySelector(".sg-predict")) {
    for (const fold of cell.querySelectorAll(".jp-RenderedMarkdown > details")) fold.setAttribute("open", "");
    for (const placeholder of cell.querySelectorAll(".jp-OutputPlaceholder")) {
      if (placeholder instanceof HTMLElement && !placeholder.hidden) placeholder.click();
    }
    if (cell.querySelector(".jp-RenderedMarkdown h2")) return;
    cell = cell.nextElementSibling;
  }
}
function render({ model, el }) {
  const card = model.get("card");
  const { labels } = card;
  const group = `sg-predict-${Math.random().toString(36).slice(2)}`;
  let count = 0;
  const send = (action, answer2 = null) => {
    count += 1;
    model.set("sent", { action, answer: answer2, count: `${group}-${count}` });
    model.save_changes();
    silence.expect();
  };
  const answer = createAnswer(card, group);
  const record = button("submit", "sg-button sg-main", labels.record);
  const skip = button("button", "sg-button", labels.skip);
  const form = createHtml(
    "form",
    { class: "sg-form" },
    ...answer.elements,
    createHtml("div", { class: "sg-buttons" }, record, skip)
  );
  const compare = button("button", "sg-button sg-main", labels.compare);
  const reply = createHtml("p", { class: "sg-reply" });
  const why = createHtml("p", { class: "sg-why" });
  const problem = createHtml("p", { class: "sg-problem" });
  const status = createHtml("div", { role: "status", "aria-live": "polite" }, problem, reply, why);
  const widget = createHtml(
    "div",
    {
      class: "sg sg-widget sg-predict",
      lang: card.language,
      role: "group",
      "aria-label": `${labels.title} ${card.id}`
    },
    createHtml("p", { class: "sg-question" }, createHtml("strong", {}, `${labels.title} `), ...withCode(card.question)),
    ...card.code ? [createHtml("pre", {}, createHtml("code", {}, card.code))] : [],
    form,
    status,
    compare
  );
  const show = () => {
    const state = model.get("state");
    const hadFocus = widget.contains(document.activeElement);
    form.hidden = state.stage !== "open";
    compare.hidden = !["recorded", "skipped"].includes(state.stage);
    reply.textContent = state.text;
    why.textContent = state.why;
    problem.textContent = state.problem;
    if (hadFocus && !compare.hidden) compare.focus({ preventScroll: true });
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send("record", answer.read());
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  skip.addEventListener("click", () => send("skip"));
  compare.addEventListener("click", () => {
    send("compare");
    revealAnswers(widget);
  });
  const timers = createTimers();
  const silence = createSilence(widget, timers, () => labels.silent);
  model.on("change:answered", silence.end);
  model.on("change:state", show);
  el.append(widget);
  show();
  return () => {
    timers.stop();
    model.off("change:answered", silence.end);
    model.off("change:state", show);
  };
}
function button(type, className, text) {
  return suppressShortcuts(createHtml("button", { type, class: className }, text));
}
function createAnswer(card, group) {
  if (card.kind === "number") return createNumber(card);
  return card.kind === "choice" ? createChoice(card, group) : createSlider(card);
}
function createNumber({ labels }) {
  const field = suppressShortcuts(
    createHtml("input", { type: "text", inputmode: "decimal", autocomplete: "off", class: "sg-field" })
  );
  const label = createHtml("label", { class: "sg-label" }, createHtml("span", {}, labels.number), field);
  return { elements: [label], read: () => field.value };
}
function createChoice({ options, labels }, group) {
  const radios = options.map(
    (_, value) => suppressShortcuts(createHtml("input", { type: "radio", name: group, value }))
  );
  const rows = options.map(
    (text, i) => createHtml("label", { class: "sg-option" }, radios[i], createHtml("span", {}, text))
  );
  const read = () => {
    const chosen = radios.findIndex((radio) => radio.checked);
    return chosen < 0 ? null : chosen;
  };
  return { elements: [createHtml("fieldset", {}, createHtml("legend", {}, labels.choice), ...rows)], read };
}
function createSlider({ low, high, step, labels }) {
  const middle = (low + high) / 2;
  const slider = suppressShortcuts(createHtml("input", { type: "range", min: low, max: high, step, value: middle }));
  const output = createHtml("output", {}, String(middle));
  slider.addEventListener("input", () => {
    output.textContent = slider.value;
  });
  const together = createHtml("span", { class: "sg-slide" }, slider, output);
  const label = createHtml("label", { class: "sg-label" }, createHtml("span", {}, labels.choice), together);
  return { elements: [label], read: () => slider.value };
}
var predict_default = { render };
export {
  predict_default as default
};
