// ---- step by step: what is shown at step k is what was computed by then ----

function stepper(view) {
  const { labels, steps, root, clock } = view;
  const button = (icon, label, action) => {
    const made = make("button", "sg-icon", steps);
    made.type = "button";
    suppressShortcuts(made);
    paintIcon(made, icon, label);
    made.addEventListener("click", action);
    return made;
  };
  steps.setAttribute("role", "group");
  steps.setAttribute("aria-label", labels.steps);
  const self = { at: Infinity, playing: null };
  const count = () => view.shown?.scene.steps?.length ?? 0;
  const here = () => Math.min(self.at, count());
  const go = (k) => {
    self.at = k >= count() ? Infinity : Math.max(k, 0);
    self.show();
    clock.later("announce", () => announce(view), QUIET);
  };
  const halt = () => {
    clearInterval(self.playing);
    self.playing = null;
    paintIcon(play, "play", labels.play);
  };
  const by = (move) => () => {
    halt();
    go(move());
  };
  button("first", labels.to_first, by(() => 0));
  button("previous", labels.to_previous, by(() => here() - 1));
  const play = button("play", labels.play, () => {
    if (self.playing) return halt();
    if (here() >= count()) go(0);
    paintIcon(play, "pause", labels.pause);
    self.playing = setInterval(() => {
      go(here() + 1);
      if (here() >= count() || !root.isConnected) halt();
    }, STEP);
  });
  button("next", labels.to_next, by(() => here() + 1));
  button("last", labels.to_last, by(() => count()));
  const range = input(steps, "range", "sg-walk", labels.steps);
  range.addEventListener("input", by(() => range.valueAsNumber));
  const place = make("span", "sg-place", steps);
  const lines = sourceLines(view);

  const words = () =>
    here() < count() ? labels.step_number.replace("{step}", here() + 1).replace("{count}", count()) : labels.all_shown;
  self.parts = () => {
    if (here() >= count()) return [["", labels.hint]];
    const { scene, state } = view.shown;
    const [phase, i] = scene.steps[here()];
    const told = state.told?.[here()] ?? [scene.nodes[i]?.name ?? scene.nodes[i]?.op ?? labels.input];
    const kind = phase === "backward" ? "sg-backward" : "sg-forward";
    return [...told.map((text, n) => [n ? "" : `sg-strong ${kind}`, text]), ...ranParts(view)];
  };
  self.said = () => {
    if (here() >= count()) return false;
    setText(view.live, `${words()}: ${self.parts().map(([, text]) => text).join("; ")}`);
    return true;
  };
  self.step = () => here();
  self.show = () => {
    steps.hidden = count() < 2;
    const k = here();
    range.max = count();
    if (range.valueAsNumber !== k) range.value = k;
    range.setAttribute("aria-valuetext", words());
    setText(place, words());
    root.classList.toggle("sg-stepping", k < count());
    root.classList.toggle("sg-unfinished", k < count() && view.shown.scene.steps.findLastIndex(([phase]) => phase === "forward") > k);
    root.dataset.step = k < count() ? k : "all";
    if (view.graph) showUntil(view, k);
    if (view.graph) patchKept(view);
    showLine(lines, k < count() ? view.shown.scene.nodes[view.shown.scene.steps[k][1]]?.line : null);
    if ((view.graph?.active ?? -1) < 0) showDetail(view, -1);
  };
  return self;
}

/** Show in the graph what exists after step k, and mark what step k is about. */
function showUntil(view, k, follow = true) {
  const { graph } = view;
  const { steps = [] } = view.shown.scene;
  if (graph.until === k || (graph.until === undefined && k >= steps.length)) return;
  graph.until = k;
  graph.times ??= timesOf(graph, steps);
  const { value, grad } = graph.times;
  const [phase, now] = steps[k] ?? ["", -1];
  if (follow && graph.sight) {
    if (now >= 0) graph.sight.reach(now);
    graph.sight.drawFar();
    graph.until = k; // what was drawn on the way stands at this step
  }
  graph.nodes.forEach(({ group }, i) => {
    group.classList.toggle("sg-later", value[i] > k);
    group.classList.toggle("sg-ungrad", grad[i] > k);
    group.classList.toggle("sg-now", i === now);
    group.classList.toggle("sg-now-back", i === now && phase === "backward");
  });
  graph.edges.forEach(({ edge, group, tag }) => {
    const about = edge.dst === now && (phase === "forward" || edge.back);
    group.classList.toggle("sg-later", value[edge.dst] > k);
    group.classList.toggle("sg-ungrad", grad[edge.dst] > k);
    group.classList.toggle("sg-now", about);
    group.classList.toggle("sg-now-back", about && phase === "backward");
    tag?.classList.toggle("sg-ungrad", grad[edge.dst] > k);
    tag?.classList.toggle("sg-now", about && phase === "backward");
  });
  for (const row of view.rows) {
    const leaf = view.shown.scene.nodes.findIndex((node) => node.kind === "leaf" && node.name === row.argument);
    row.line.classList.toggle("sg-ungrad", leaf >= 0 && grad[leaf] > k);
  }
  if (follow && now >= 0) bringIntoView(graph.nodes[now].group, view.stage.querySelector(".sg-graph"));
}

/** For each node the step that computes its value, and the step in which its gradient is complete and passed on; and the
 * step at which all values are computed. */
function timesOf(graph, steps) {
  const value = Array(graph.nodes.length).fill(0);
  const grad = Array(graph.nodes.length).fill(0);
  steps.forEach(([phase, i], k) => {
    if (phase === "forward") value[i] = k;
    if (phase === "backward") grad[i] = k;
  });
  return { value, grad, computed: steps.findLastIndex(([phase]) => phase === "forward") + 1 };
}

function bringIntoView(element, box) {
  const [inner, outer] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.left < outer.left || inner.right > outer.right) {
    box.scrollLeft += (inner.left + inner.right - outer.left - outer.right) / 2;
  }
}

function sourceLines(view) {
  const { source, labels } = view;
  if (!labels.code) {
    source.remove();
    return new Map();
  }
  source.tabIndex = 0;
  source.setAttribute("role", "group");
  source.setAttribute("aria-label", labels.source.replace("{name}", labels.name));
  suppressShortcuts(source);
  return new Map(
    labels.code.lines.map((text, i) => {
      const line = make("code", "sg-code-line", source);
      line.textContent = `${text}\n`;
      return [labels.code.first + i, line];
    }),
  );
}

function showLine(lines, number) {
  for (const [i, line] of lines) {
    line.classList.toggle("sg-here", i === number);
    if (i === number) line.setAttribute("aria-current", "step");
    else line.removeAttribute("aria-current");
  }
}

const ICONS = {
  first: "M4 3h2v10H4zM13 3v10L6.5 8z",
  previous: "M11.5 3v10L5 8z",
  play: "M4.5 2.5v11L13 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M4.5 3v10L11 8z",
  last: "M10 3h2v10h-2zM3 3v10l6.5-5z",
};

function paintIcon(button, icon, label) {
  const svg = shape("svg", "", null, { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  shape("path", "", svg, { d: ICONS[icon] });
  button.replaceChildren(svg);
  button.title = label;
  button.setAttribute("aria-label", label);
}
