// The page's side of predict: a form, two buttons, and what Python answers. The answer never travels here before it shows.

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// JupyterLab's command mode takes keys from every focused element that does not say this about itself.
const KEYS = { "data-lm-suppress-shortcuts": "true" };

/** A sentence with `code` in it. */
const rich = (text) => text.split("`").map((part, i) => (i % 2 ? make("code", {}, part) : part));

function render({ model, el }) {
  const card = model.get("card");
  const { labels } = card;
  const group = `sg-predict-${Math.random().toString(36).slice(2)}`; // radio buttons belong together by name
  let count = 0;

  const send = (action, answer = null) => {
    count += 1;
    model.set("sent", { action, answer, count: `${group}-${count}` });
    model.save_changes();
  };

  const input = { number: numberInput, choice: choiceInput, slider: sliderInput }[card.kind]();
  const record = make("button", { type: "submit", class: "sg-button sg-main", ...KEYS }, labels.record);
  const skip = make("button", { type: "button", class: "sg-button", ...KEYS }, labels.skip);
  const form = make("form", { class: "sg-form" }, ...input.elements, make("div", { class: "sg-buttons" }, record, skip));
  const compare = make("button", { type: "button", class: "sg-button sg-main", ...KEYS }, labels.compare);
  const said = make("p", { class: "sg-said" });
  const why = make("p", { class: "sg-why" });
  const problem = make("p", { class: "sg-problem" });
  const status = make("div", { role: "status", "aria-live": "polite" }, problem, said, why);
  const root = make(
    "div", { class: "sg sg-widget sg-predict", lang: card.language, role: "group", "aria-label": `${labels.title} ${card.id}` },
    make("p", { class: "sg-question" }, make("strong", {}, `${labels.title} `), ...rich(card.question)),
    ...(card.code ? [make("pre", {}, make("code", {}, card.code))] : []),
    form, status, compare,
  );

  function numberInput() {
    const field = make("input", { type: "text", inputmode: "decimal", autocomplete: "off", class: "sg-field", ...KEYS });
    const label = make("label", { class: "sg-label" }, make("span", {}, labels.number), field);
    return { elements: [label], read: () => field.value };
  }

  function choiceInput() {
    const rows = card.options.map((text, i) => {
      const radio = make("input", { type: "radio", name: group, value: i, ...KEYS });
      return make("label", { class: "sg-option" }, radio, make("span", {}, text));
    });
    const read = () => {
      const chosen = rows.findIndex((row) => row.firstChild.checked);
      return chosen < 0 ? null : chosen;
    };
    return { elements: [make("fieldset", {}, make("legend", {}, labels.choice), ...rows)], read };
  }

  function sliderInput() {
    const middle = (card.low + card.high) / 2;
    const { low: min, high: max, step } = card;
    const slider = make("input", { type: "range", min, max, step, value: middle, ...KEYS });
    const shown = make("output", {}, String(middle));
    slider.addEventListener("input", () => { shown.textContent = slider.value; });
    const together = make("span", { class: "sg-slide" }, slider, shown);
    return { elements: [make("label", { class: "sg-label" }, make("span", {}, labels.choice), together)], read: () => slider.value };
  }

  function show() {
    const state = model.get("state");
    const inside = root.contains(document.activeElement);
    form.hidden = state.stage !== "open";
    compare.hidden = !["recorded", "skipped"].includes(state.stage);
    said.textContent = state.text;
    why.textContent = state.why;
    problem.textContent = state.problem;
    if (inside && !compare.hidden) compare.focus({ preventScroll: true });
  }

  const onSubmit = (event) => {
    event.preventDefault();
    send("record", input.read());
  };
  form.addEventListener("submit", onSubmit);
  // JupyterLab 4.6 cancels the line break that Enter gives inside a cell, and with it the browser's own submission.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    form.requestSubmit();
  });
  skip.addEventListener("click", () => send("skip"));
  compare.addEventListener("click", () => send("compare"));
  model.on("change:state", show);
  el.append(root);
  show();
  return () => model.off("change:state", show);
}

export default { render };
