// ---- compare: a run is kept beside the present one; what differs is marked in both ----

function comparer(view) {
  const { pair, baseline, labels, root } = view;
  const words = labels.comparing;
  const button = make("button", "sg-button sg-compare-button", null);
  view.reset.before(button);
  button.type = "button";
  suppressShortcuts(button);
  let kept = null;
  const paintButton = () => {
    button.textContent = kept ? words.compare_end : words.compare;
    button.setAttribute("aria-pressed", String(Boolean(kept)));
  };
  const self = {
    /** Mark in both pictures and in the table what differs; nothing where f failed, since there is nothing to compare with. */
    show() {
      const { state, scene } = view.shown;
      button.disabled = !kept && !view.graph;
      button.title = kept || state.fresh || !state.ran ? "" : words.numbers_of.replace("{call}", state.ran);
      const same = kept && state.fresh && haveSameNodes(kept.scene, scene);
      const differs = (i) => same && (state.values?.[i] !== kept.state.values[i] || state.grads?.[i] !== kept.state.grads[i]);
      view.graph?.nodes.forEach(({ node, group }, i) => markDifference(group, node, differs(i)));
      kept?.nodes.forEach((group, i) => markDifference(group, kept.scene.nodes[i], differs(i)));
      view.rows.forEach((row, i) => {
        const before = kept?.state.rows?.[i];
        const now = state.rows?.[i];
        setText(row.was, kept && state.fresh && before !== now && before !== "-" ? words.was.replace("{value}", before) : "");
      });
    },
  };
  const end = () => {
    kept = null;
    baseline.replaceChildren();
    root.classList.remove("sg-comparing");
    paintButton();
    self.show();
  };
  button.addEventListener("click", () => {
    if (kept) return end();
    kept = keepRun(view);
    view.clock.drop("announce");
    announce(view);
    setText(view.live, `${words.kept_run} ${kept.call}`);
    pair.classList.toggle("sg-side", 2 * SMALLEST * kept.scene.width <= pair.clientWidth - 50);
    root.classList.add("sg-comparing");
    paintButton();
    self.show();
  });
  paintButton();
  return self;
}

/**
 * A copy of the present picture, complete and at rest, with its call above: {call, state, scene, nodes}. Where f failed, the
 * picture is of an earlier run, and so is the call.
 */
function keepRun(view) {
  const { baseline, labels, graph } = view;
  const { state, scene } = view.shown;
  const call = state.fresh ? state.call : state.ran;
  const head = make("div", "sg-kept-run", baseline);
  make("span", "sg-muted", head).textContent = labels.comparing.kept_run;
  make("code", "", head).textContent = call;
  make("span", "sg-forward", head).textContent = `= ${state.output}`;
  const box = make("div", "sg-graph", baseline);
  box.tabIndex = 0;
  suppressShortcuts(box);
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", `${labels.comparing.kept_run} ${state.summary}`);
  patchKept(view, Infinity);
  const svg = graph.svg.cloneNode(true);
  patchKept(view);
  svg.removeAttribute("style");
  svg.style.width = fittingWidth(scene.width);
  if (graph.sight) cropTo(svg, graph.sight.window);
  svg.setAttribute("aria-hidden", "true");
  for (const one of svg.querySelectorAll("*")) {
    one.classList.remove("sg-on", "sg-later", "sg-ungrad", "sg-now", "sg-now-back", "sg-cuttable");
    for (const name of ["tabindex", "role", "aria-label"]) one.removeAttribute(name);
  }
  for (const extra of svg.querySelectorAll(".sg-reach, .sg-difference")) extra.remove();
  box.append(svg);
  const nodes = [];
  const drawn = Object.keys(graph.nodes); // of a large graph only those in sight
  svg.querySelectorAll(".sg-node").forEach((group, n) => {
    nodes[drawn[n]] = group;
  });
  return { call, state, scene, nodes };
}

function cropTo(svg, [left, top, right, bottom]) {
  svg.setAttribute("viewBox", `${left} ${top} ${right - left} ${bottom - top}`);
  svg.style.width = fittingWidth(right - left);
}

/** Whether node by node the same is computed, be edges cut or not. */
function haveSameNodes(one, other) {
  if (one.key === other.key) return true;
  const matches = (node, i) => node.op === other.nodes[i].op && node.name === other.nodes[i].name;
  return one.nodes.length === other.nodes?.length && one.nodes.every(matches);
}

function markDifference(group, node, differs) {
  const mark = group.querySelector(".sg-difference");
  if (Boolean(mark) === Boolean(differs)) return;
  if (mark) mark.remove();
  else write(group, "sg-difference", [node.w - 2, -3, 14, "end"]).textContent = "≠";
}
