// ---- the frame ----

function skeleton(root, labels) {
  const head = make("div", "sg-head", root);
  const call = make("code", "sg-call", head);
  const output = make("output", "sg-output", head);
  const buttons = make("span", "sg-buttons", head); // together: neither is left alone on a line
  const reset = make("button", "sg-button sg-reset", buttons);
  reset.type = "button";
  reset.textContent = labels.reset;
  suppressShortcuts(reset);
  const table = make("table", "sg-table", root);
  const jacobian = make("div", "sg-jacobian", root);
  const bar = make("div", "sg-bar", root);
  const problem = make("div", "sg-problem", bar);
  const legend = make("div", "sg-legend", bar);
  make("span", "sg-forward", legend).textContent = `→ ${labels.forward}`;
  make("span", "sg-backward", legend).textContent = `← ${labels.backward}`;
  const pair = make("div", "sg-pair", root);
  const baseline = make("div", "sg-baseline", pair);
  const stage = make("div", "sg-stage", pair);
  const steps = make("div", "sg-steps", root);
  const detail = make("div", "sg-detail", root);
  const means = make("div", "sg-means", root);
  const kept = make("div", "sg-kept-bar", means);
  const cuts = make("div", "sg-cuts", means);
  const plots = make("div", "sg-plots", root);
  const source = make("pre", "sg-source", root);
  const printed = make("pre", "sg-printed", root);
  const live = make("div", "sg-live", root);
  live.setAttribute("aria-live", "polite");
  live.setAttribute("role", "status");
  return { call, output, reset, table, problem, pair, baseline, stage, steps, detail, jacobian, means, kept, cuts, plots, source, printed, live };
}
