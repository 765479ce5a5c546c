// ---- the numbers ----

function patch(view) {
  const { root, labels } = view;
  const { state } = view.shown;
  const problem = state.problem;
  root.classList.toggle("sg-stale", !state.fresh);
  setText(view.call, state.call ?? "");
  setText(view.output, state.fresh ? `= ${state.output}` : "= ?");
  view.rows.forEach((row, i) => setText(row.gradient, gradientText(state.rows?.[i])));
  patchProblem(view.problem, problem);
  setText(view.printed, state.printed ? `${labels.printed}\n${state.printed}` : "");
  if (view.graph && state.values?.length === view.graph.nodes.length) patchGraph(view, state);
  root.dataset.at = JSON.stringify(state.at);
  root.dataset.run = isAhead(view) ? "ahead" : "here";
}

function gradientText(text) {
  return text === undefined ? "?" : text === "-" ? "" : text;
}

function patchProblem(box, problem) {
  const parts = problem ? [problem.text, problem.code] : [];
  const key = JSON.stringify(parts);
  if (box.dataset.shown === key) return;
  box.dataset.shown = key;
  box.replaceChildren();
  box.classList.toggle("sg-warning", problem?.severity === "warning");
  if (!problem) return;
  make("span", "sg-sign", box).textContent = problem.severity === "warning" ? "△" : "✗";
  const body = make("div", "sg-sentence", box);
  make("span", "", body).textContent = problem.text;
  if (problem.code) make("code", "", body).textContent = problem.code;
}

function patchCheck(view) {
  const { labels } = view;
  const { rows, checked } = view.shown;
  view.rows.forEach((row, i) => {
    const [text, sign] = rows?.[i] ?? ["", ""];
    setText(row.check, `${sign} ${text}`.trim());
    row.check.classList.toggle("sg-good", sign === "=");
    row.check.classList.toggle("sg-bad", sign === "≠");
    row.check.title = sign ? `${sign === "=" ? labels.agrees : labels.differs}: ${labels.check_long}` : "";
  });
  view.root.classList.toggle("sg-unchecked", !checked);
}

function askForCheck(view) {
  const { model } = view;
  if (isAhead(view)) return;
  const { sequence } = model.get("state");
  if (model.get("check").of === sequence || model.get("wanted") === sequence) return;
  model.set("wanted", sequence);
  model.save_changes();
}

/** Tell a screen reader of the step, or of the whole run; of that once, since other things are told in between. */
function announce(view) {
  const { state } = view.shown;
  if (view.stepper.said()) {
    view.told = null;
    return;
  }
  const text = state.problem?.severity === "error" ? state.problem.text : state.summary ?? "";
  if (text !== view.told) setText(view.live, text);
  view.told = text;
  view.graph?.nodes.forEach((node, i) => node.group.setAttribute("aria-label", spoken(view, i)));
}
