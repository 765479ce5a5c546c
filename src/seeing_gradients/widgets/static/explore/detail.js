// ---- what is said of one node ----

const SHRINK = 800; // ms that an emptied detail keeps its height

function showDetail(view, i) {
  const { graph, detail, labels } = view;
  if (graph && graph.active !== i) {
    graph.active = i;
    markActive(graph);
  }
  const parts = graph && i >= 0 ? [...detailParts(view, i), ...ranParts(view)] : view.stepper?.parts() ?? [["", labels.hint]];
  const key = JSON.stringify([parts, graph && i >= 0 ? view.shown.state.strips?.[i] ?? null : null]);
  if (detail.dataset.shown === key) return;
  detail.dataset.shown = key;
  const tables = graph && i >= 0 ? tensorTables(view, i) : [];
  detail.replaceChildren(
    ...parts.map(([kind, text]) => {
      const part = make("span", `sg-part ${kind}`, null);
      part.textContent = text;
      return part;
    }),
  );
  if (tables.length) make("div", "sg-tables", detail).append(...tables);
  // what is below must not jump up as soon as the tables go: the click that made them go may be on its way
  if (tables.length) detail.style.minHeight = `${detail.offsetHeight}px`;
  else if (detail.style.minHeight) view.clock.within("shrink", () => shrink(detail), SHRINK);
}

function shrink(detail) {
  if (!detail.querySelector(".sg-tables")) detail.style.minHeight = "";
}

/** Whose numbers these are, where f failed at the present position: of an earlier run. */
function ranParts({ shown, labels }) {
  const { fresh, ran } = shown.state;
  return fresh || !ran ? [] : [["sg-muted", labels.comparing.numbers_of.replace("{call}", ran)]];
}

function markActive({ active, nodes, edges }) {
  nodes.forEach((drawn, i) => drawn.group.classList.toggle("sg-on", i === active));
  edges.forEach(({ edge, group, tag }) => {
    const on = active >= 0 && (edge.src === active || edge.dst === active);
    group.classList.toggle("sg-on", on);
    tag?.classList.toggle("sg-on", on);
  });
}

function detailParts(view, i) {
  const { labels } = view;
  const node = view.shown.scene.nodes[i];
  const { state } = view.shown;
  const [value, grad, total] = state.full?.[i] ?? [state.values[i], state.grads[i], ""];
  const title = node.kind === "constant" || node.kind === "leaf" ? node.name ?? "" : node.name ? `${node.name} = ${node.op}` : node.op;
  const parts = [
    ["sg-strong", title],
    ["", labels[`kind_${node.kind}`] ?? node.kind],
    ["sg-forward", `→ ${value}`],
  ];
  if (node.grad) parts.push(["sg-backward", total ? `← ${grad} = ${total}` : `← ${grad}`]);
  if (node.grad_fn) parts.push(["sg-code", node.grad_fn]);
  if (state.keeps?.[i]) parts.push(["", labels.keeping.keeps.replace("{saved}", state.keeps[i])]);
  else if (node.saved.length) parts.push(["", labels.saved.replace("{names}", node.saved.join(", "))]);
  if (node.shape.length) parts.push(["sg-code", `(${node.shape.join(", ")}${node.shape.length === 1 ? "," : ""})`]);
  if (node.line) parts.push(["", labels.where.replace("{line}", node.line)]);
  return parts.filter(([, text]) => text);
}

function spoken(view, i) {
  const { labels } = view;
  const node = view.shown.scene.nodes[i];
  const { state } = view.shown;
  const parts = [node.name, ["op", "detached", "module"].includes(node.kind) ? node.op : "", labels[`kind_${node.kind}`]];
  parts.push(`${labels.value} ${state.values?.[i] ?? "?"}`);
  if (node.grad) parts.push(`${labels.gradient} ${state.grads?.[i] ?? "?"}`);
  parts.push(...ranParts(view).map(([, text]) => text));
  return parts.filter(Boolean).join(", ");
}
