// ---- saved tensors: what each backward node keeps, below it, and whether backward has freed it ----

const KEPT_SIGNS = { kept: "■", freed: "□", changed: "✗", packed: "▣", more: "" };

function keeper(view) {
  const { model, labels, kept } = view;
  const words = labels.keeping;
  const fields = {};
  const change = () => {
    model.set("keeping", Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.checked])));
    model.save_changes();
  };
  const choice = (name, text) => {
    const label = make("label", `sg-choice sg-keeping-${name}`, kept);
    fields[name] = input(label, "checkbox", "sg-switch", text);
    make("span", "", label).textContent = text;
    fields[name].addEventListener("change", change);
    return label;
  };
  choice("on", words.saved_tensors);
  const more = [choice("retain", words.retain), choice("twice", words.twice)];
  const memory = make("span", "sg-memory", kept);
  const show = () => {
    const keeping = model.get("keeping");
    for (const [name, field] of Object.entries(fields)) field.checked = keeping[name];
    for (const label of more) label.hidden = !keeping.on;
  };
  return {
    show,
    patch() {
      const { state } = view.shown;
      setText(memory, state.memory ?? "");
      patchKept(view);
    },
  };
}

/** Write below each node what it keeps as of step k, by default the one shown; and mark the node at which backward stopped. */
function patchKept(view, k = view.stepper.step()) {
  const { graph, labels } = view;
  const { state, scene } = view.shown;
  if (!graph || state.values?.length !== graph.nodes.length) return;
  if (!state.kept && !graph.keeps && (state.failed ?? -1) < 0 && !graph.failed) return;
  graph.keeps = Boolean(state.kept);
  graph.failed = (state.failed ?? -1) >= 0;
  const { value, grad, computed } = (graph.times ??= timesOf(graph, scene.steps ?? []));
  graph.nodes.forEach((drawn, i) => {
    drawn.group.classList.toggle("sg-failed", state.failed === i && k >= (scene.steps?.length ?? 0) - 1);
    writeChips(drawn, chipsAt(state, i, k, { value, grad, computed }));
  });
}

/** The chips of node i at step k: freed from when backward passed it, changed from when it was written to. */
function chipsAt(state, i, k, { value, grad, computed }) {
  if (k < value[i]) return [];
  const freed = k >= grad[i] && grad[i] > 0;
  return (state.kept?.[i] ?? []).map(([kind, text], n) => {
    const [before, by] = state.writes?.[i]?.[n] ?? [text, -1];
    if (kind === "changed" && k < (by < 0 ? computed : value[by])) return ["kept", before];
    return [kind === "freed" && !freed ? "kept" : kind, text];
  });
}

function writeChips(drawn, chips) {
  const key = JSON.stringify(chips);
  if ((drawn.chips ?? "[]") === key) return;
  drawn.chips = key;
  const { node, group } = drawn;
  drawn.kept ??= write(group, "sg-kept", [node.w / 2, node.h + 11, 10, "middle"]);
  group.classList.toggle("sg-keeps", chips.length > 0);
  drawn.kept.replaceChildren(
    ...chips.map(([kind, text], n) => {
      const chip = shape("tspan", `sg-is-${kind}`, null, n ? { dx: 7 } : {});
      chip.textContent = `${KEPT_SIGNS[kind]} ${text}`.trim();
      return chip;
    }),
  );
}
