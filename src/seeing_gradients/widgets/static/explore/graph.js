// ---- the graph ----

function graphOf(view, scene) {
  const { stage, graphs } = view;
  const box = stage.querySelector(".sg-graph") ?? graphBox(view);
  const left = box.scrollLeft;
  if (view.graph) showDetail(view, -1);
  const graph = graphs.get(scene.key) ?? buildGraph(view, scene);
  keep(graphs, scene.key, graph, MOST_GRAPHS);
  view.zoom.size(graph.svg, scene);
  box.replaceChildren(graph.svg);
  box.scrollLeft = left;
  graph.sight?.update();
  return graph;
}

function buildGraph(view, scene) {
  const svg = shape("svg", "sg-svg", null, { viewBox: `0 0 ${scene.width} ${scene.height}` });
  svg.setAttribute("role", "none");
  buildFrames(view, scene, svg);
  const lines = shape("g", "sg-lines", svg);
  const tags = shape("g", "sg-tags", svg);
  const graph = { svg, lines, tags, active: -1, edges: [], nodes: [], sight: null };
  if (scene.nodes.length > LARGE) {
    graph.edges.length = scene.edges.length;
    graph.nodes.length = scene.nodes.length;
    graph.sight = sightOf(view, scene, graph, view.stage.querySelector(".sg-graph"));
    return graph;
  }
  graph.edges = scene.edges.map((edge) => buildEdge(view, edge, lines, tags));
  graph.nodes = scene.nodes.map((node, i) => buildNode(view, node, svg, i));
  return graph;
}

// As wide as the box while that makes it no smaller than SMALLEST; else its natural width, and the box scrolls.
function fittingWidth(width) {
  return `min(${width}px, max(100%, calc((${Math.round(width * SMALLEST)}px - 100%) * 999)))`;
}

function graphBox(view) {
  const tools = make("div", "sg-tools", view.stage);
  make("div", "sg-chips", tools);
  const box = make("div", "sg-graph", view.stage);
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", view.labels.graph.replace("{name}", view.labels.name));
  suppressShortcuts(box);
  box.addEventListener("keydown", (event) => walk(view, event));
  box.addEventListener("keydown", (event) => moduleKeys(view, event));
  view.zoom = zoomer(view, box, tools);
  let frame = 0;
  box.addEventListener("scroll", () => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => view.graph?.sight?.update());
  });
  box.addEventListener("focusout", (event) => {
    if (!box.contains(event.relatedTarget)) showDetail(view, -1);
  });
  return box;
}

function buildEdge(view, edge, lines, tags) {
  const group = shape("g", `sg-edge sg-${edge.kind}`, lines);
  shape("path", "sg-line", group, { d: pathOf(edge.pieces) });
  shape("path", "sg-tip", group, { d: arrow(edge.tip, -7) });
  if (edge.back) shape("path", "sg-back", group, { d: arrow(edge.back, 7) });
  if (edge.mark) shape("path", "sg-mark", group, { d: strokes(edge.mark) });
  makeCuttable(view, edge, group);
  const drawn = { edge, group, flow: null, tag: null };
  if (edge.slot) {
    const [x, y, w, h] = edge.slot;
    drawn.tag = shape("g", "sg-tag", tags);
    drawn.box = shape("rect", "sg-tag-box", drawn.tag, { x: x - w / 2, y: y - h / 2, width: w, height: h, rx: h / 2 });
    drawn.flow = write(drawn.tag, "sg-flow", [x, y + 4, 11.5, "middle"]);
  }
  return drawn;
}

function buildNode(view, node, svg, i) {
  const group = shape("g", `sg-node sg-${node.kind}${node.root ? " sg-root" : ""}${node.grad ? " sg-has-grad" : ""}`, svg);
  group.setAttribute("transform", `translate(${node.x} ${node.y})`);
  group.setAttribute("role", "img");
  group.setAttribute("tabindex", "-1");
  group.setAttribute("aria-label", node.name ?? node.op ?? ""); // until it is at rest, when the numbers are said, too
  suppressShortcuts(group);
  const radius = { leaf: 9, constant: 3, module: 9 }[node.kind] ?? node.h / 2;
  shape("rect", "sg-outline", group, { width: node.w, height: node.h, rx: radius });
  if (node.badge) shape("circle", "sg-badge", group, { cx: node.badge[0], cy: node.badge[1], r: node.badge[2] });
  for (const [kind, x, y, size, anchor, text] of node.marks) {
    write(group, `sg-${kind}`, [x, y, size, anchor]).textContent = text;
  }
  if (node.sum) buildSum(group, node.sum);
  if (node.group) makeOpenable(view, group, node);
  group.addEventListener("pointerenter", () => showDetail(view, i));
  group.addEventListener("pointerleave", () => showDetail(view, -1));
  group.addEventListener("focus", () => showDetail(view, i));
  return {
    node,
    group,
    value: write(group, "sg-val", node.value),
    grad: node.grad && write(group, "sg-grad", node.grad),
  };
}

function buildSum(group, [x, y]) {
  shape("circle", "sg-sum", group, { cx: x, cy: y, r: 7 });
  shape("path", "sg-sum", group, { d: `M${x - 3.5} ${y}h7M${x} ${y - 3.5}v7` });
}

function patchGraph(view, state) {
  const { graph } = view;
  graph.nodes.forEach((drawn, i) => {
    const sign = drawn.node.kind === "constant" ? drawn.node.prefix ?? "" : "→ ";
    setText(drawn.value, sign + state.values[i]);
    if (drawn.grad) setText(drawn.grad, `← ${state.grads[i]}`);
  });
  graph.edges.forEach((drawn, i) => {
    if (drawn.flow && setText(drawn.flow, `← ${state.flows[i]}`)) fitLabel(drawn);
  });
  if (graph.active >= 0) showDetail(view, graph.active);
}

// The label's background hides no more of its edge than the text needs.
function fitLabel({ edge, box, flow }) {
  const width = Math.min(edge.slot[2], LABEL_CHARACTER * flow.textContent.length + 8);
  box.setAttribute("width", width);
  box.setAttribute("x", edge.slot[0] - width / 2);
}

function walk(view, event) {
  const { graph } = view;
  if (event.key === " ") event.preventDefault(); // else the notebook goes on by a page
  const last = graph.nodes.length - 1;
  const to = {
    ArrowRight: Math.min(graph.active + 1, last),
    ArrowDown: Math.min(graph.active + 1, last),
    ArrowLeft: Math.max(graph.active - 1, 0),
    ArrowUp: Math.max(graph.active - 1, 0),
    Home: 0,
    End: last,
  }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  graph.sight?.reach(to);
  const { group } = graph.nodes[to];
  group.setAttribute("aria-label", spoken(view, to));
  group.focus({ preventScroll: true });
  group.scrollIntoView({ block: "nearest", inline: "center" });
}
