// ---- the controls: a table of inputs, gradients and checks ----

const [FIELD, MOST_IN_FIELD, FIELD_ROOM] = [8, 17, 84]; // characters that a number's field has room for, at most; px
const MOVING = /^(Arrow|Page|Home|End)/; // keys that move a slider

function controlRows(view) {
  const { labels, table, model } = view;
  const headings = make("tr", "", make("thead", "", table));
  for (const key of ["input", "value", "gradient", "check"]) {
    const cell = make("th", `sg-h-${key}`, headings);
    cell.scope = "col";
    cell.textContent = key === "gradient" ? `← ${labels[key]}` : labels[key];
    if (key === "check") cell.title = labels.check_long;
  }
  const body = make("tbody", "", table);
  const rows = model.get("controls").flatMap((control) => control.labels.map((label, i) => controlRow(view, body, control, label, i)));
  table.style.setProperty("--sg-longest-name", Math.max(0, ...rows.map((row) => row.label.length)));
  view.reset.hidden = !rows.some((row) => row.place !== null);
  view.reset.addEventListener("click", () => send(view, model.get("home")));
  return rows;
}

function controlRow(view, body, control, label, i) {
  const line = make("tr", "", body);
  const name = make("th", "sg-name", line);
  name.scope = "row";
  name.textContent = name.title = label;
  const cell = make("td", "sg-value", line);
  const row = {
    label,
    line,
    argument: control.name,
    place: control.kind === "fixed" ? null : control.first + i,
    step: control.step,
    ...gradientCell(line),
    check: make("td", "sg-check", line),
  };
  if (control.kind === "fixed") {
    make("span", "sg-fixed", cell).textContent = view.labels.fixed.replace("{text}", control.text);
    row.show = () => {};
  } else if (control.kind === "switch") {
    row.show = switchInput(view, cell, row);
  } else {
    row.show = sliderInputs(view, cell, control, row);
  }
  return row;
}

function gradientCell(line) {
  const cell = make("td", "sg-gradient", line);
  return { gradient: make("span", "", cell), was: make("span", "sg-was", cell) };
}

function switchInput(view, cell, row) {
  const box = input(cell, "checkbox", "sg-switch", row.label);
  box.addEventListener("change", () => move(view, row.place, box.checked ? 1 : 0));
  return (sliders) => {
    box.checked = sliders[row.place] !== 0;
  };
}

function sliderInputs(view, cell, control, row) {
  const wrap = make("div", "sg-slide", cell);
  const range = input(wrap, "range", "sg-range", view.labels.slider.replace("{name}", row.label));
  const exact = input(wrap, "number", "sg-exact", view.labels.number.replace("{name}", row.label));
  for (const field of [range, exact]) {
    field.min = control.low;
    field.max = control.high;
  }
  exact.step = control.kind === "integer" ? 1 : "any";
  const longest = Math.max(...[control.low, control.high, control.low + control.step].map((x) => exactly(x, control).length));
  if (longest > FIELD) exact.style.flexBasis = exact.style.width = `${FIELD_ROOM + (Math.min(longest, MOST_IN_FIELD) - FIELD) * 9}px`;
  range.addEventListener("input", () => {
    exact.value = exactly(range.valueAsNumber, control);
    move(view, row.place, range.valueAsNumber);
  });
  const aim = { near: (sliders) => nearby(range, control.step, sliders, row.place) };
  // Where a position lies between two steps, the slider has none while nobody moves it, so that it stands there.
  const show = (sliders) => {
    const x = sliders[row.place];
    for (const step of [control.step, "any"]) {
      if (range.step && range.valueAsNumber === x) return;
      range.step = step;
      range.value = x;
    }
  };
  const grip = ({ key }) => {
    if (range.step !== "any" || (key && !MOVING.test(key))) return;
    const steps = (range.valueAsNumber - control.low) / control.step;
    range.step = control.step;
    const from = { ArrowRight: Math.floor, ArrowUp: Math.floor, ArrowLeft: Math.ceil, ArrowDown: Math.ceil }[key] ?? Math.round;
    range.value = control.low + from(steps) * control.step; // from there the browser takes its step
  };
  for (const event of ["pointerdown", "keydown"]) range.addEventListener(event, grip);
  for (const event of ["pointerup", "pointercancel", "keyup"]) range.addEventListener(event, () => show(view.model.get("sliders")));
  for (const event of ["pointerenter", "focusin"]) {
    wrap.addEventListener(event, () => {
      view.ahead.aim = aim;
      lookAhead(view);
    });
  }
  const enter = () => {
    const x = exact.valueAsNumber;
    if (Number.isFinite(x) && x >= control.low && x <= control.high) move(view, row.place, x);
  };
  exact.addEventListener("input", enter);
  const settle = () => {
    const x = exact.valueAsNumber;
    const allowed = Number.isFinite(x) ? Math.min(Math.max(x, control.low), control.high) : view.model.get("sliders")[row.place];
    exact.value = exactly(allowed, control);
    move(view, row.place, allowed);
  };
  exact.addEventListener("change", settle);
  exact.addEventListener("keydown", (event) => {
    if (event.key === "Enter") settle(); // JupyterLab keeps the browser from doing what Enter does in a field
    else nudge(event, exact, control);
  });
  return (sliders) => {
    const x = sliders[row.place];
    show(sliders);
    if (exact.valueAsNumber !== x && exact !== exact.ownerDocument.activeElement) exact.value = exactly(x, control);
  };
}

/** The positions around the present one along one slider, nearest first, each number exactly as the slider would give it. */
function nearby(range, step, sliders, place) {
  const probe = range.cloneNode();
  probe.step = step;
  const [low, x] = [Number(range.min), range.valueAsNumber];
  const middle = Math.round((x - low) / step);
  const found = [];
  for (let i = 1; i <= REACH; i += 1) {
    for (const k of [middle + i, middle - i]) {
      probe.value = low + k * step;
      if (k >= 0 && Math.abs(probe.valueAsNumber - low - k * step) < step / 2) found.push(probe.valueAsNumber);
    }
  }
  return found.map((value) => sliders.map((other, i) => (i === place ? value : other)));
}

// With step "any" the browser would move by 1; the arrow keys move by the slider's own step.
function nudge(event, exact, control) {
  const direction = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!direction) return;
  event.preventDefault();
  const x = (exact.valueAsNumber || 0) + direction * control.step;
  exact.value = exactly(Math.min(Math.max(x, control.low), control.high), control);
  exact.dispatchEvent(new Event("input"));
}

function move(view, place, x) {
  const sliders = [...view.model.get("sliders")];
  if (sliders[place] === x) return;
  sliders[place] = x;
  send(view, sliders);
}

// What was run ahead is in the page by now, and the kernel need not be told of every position on the way. For the others
// the widget manager keeps one message under way and sends the newest waiting one when the kernel is idle again.
function send(view, sliders) {
  const { model, clock } = view;
  view.moved += 1;
  keep(view.moves, keyOf(sliders), view.moved, MOST_AHEAD);
  model.set("sliders", sliders);
  if (isAhead(view)) clock.within("confirm", () => model.save_changes(), CONFIRM);
  else model.save_changes();
}

function shortest(x, digits = 7) {
  return String(Number(x.toPrecision(digits)));
}

/** A position with as many digits as tell it from the next step, as short as they can be written: 1000000.5, 5e11. */
function exactly(x, { kind, step }) {
  if (kind === "integer") return String(x);
  const digits = Math.ceil(Math.log10(Math.abs(x) / step)) + 1;
  const plain = shortest(x, Math.min(Math.max(digits, 7), 15) || 7);
  const power = Number(plain).toExponential().replace("e+", "e");
  return plain.length > FIELD && power.length < plain.length ? power : plain;
}

function input(parent, type, name, label) {
  const field = make("input", name, parent);
  field.type = type;
  field.setAttribute("aria-label", label);
  suppressShortcuts(field);
  return field;
}

// JupyterLab's command mode would take arrows and letters for itself.
function suppressShortcuts(element) {
  element.dataset.lmSuppressShortcuts = "true";
}
