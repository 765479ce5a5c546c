// ---- modules: folded into one node each, opened and closed by the learner; the kernel folds anew what it has recorded ----

const PLATES = [8, 4]; // px that the cards below a run of modules look out

function setOpened(view, opened, focus) {
  view.focusGroup = focus;
  view.ahead.entries.clear();
  view.model.set("opened", opened);
  view.model.save_changes();
}

function openGroup(view, key) {
  setOpened(view, [...new Set([...view.model.get("opened"), key])], { opened: key });
}

function closeGroup(view, key) {
  setOpened(view, view.model.get("opened").filter((other) => other !== key), { closed: key });
}

/** Make a node of the graph a button that opens the module it stands for. */
function makeOpenable(view, group, node) {
  const [x, y] = [node.w - 13, 13];
  if (node.stack) {
    for (const d of PLATES) {
      const plate = { x: d, y: d, width: node.w - 2 * d, height: node.h, rx: 9 };
      group.prepend(shape("rect", "sg-outline", null, plate));
    }
    group.prepend(...[...group.querySelectorAll(":scope > rect")].slice(0, PLATES.length).reverse());
  }
  shape("circle", "sg-open-ring", group, { cx: x, cy: y, r: 6.5 });
  shape("path", "sg-open-sign", group, { d: `M${x - 3.5} ${y}h7M${x} ${y - 3.5}v7` });
  group.setAttribute("role", "button");
  group.addEventListener("click", () => openGroup(view, node.group));
}

function buildFrames(view, scene, svg) {
  const frames = shape("g", "sg-frames", svg);
  for (const { key, box, text } of scene.frames ?? []) {
    if (!box) continue;
    const [x, y, width, height] = box;
    shape("rect", "sg-frame", frames, { x, y, width, height, rx: 10 });
    write(frames, "sg-frame-title", [x + 11, y + 15.5, 11.5, "start"]).textContent = text;
    const close = shape("g", "sg-frame-close", frames);
    shape("rect", "sg-frame-corner", close, { x: x + width - 24, y, width: 24, height: 22 });
    shape("path", "sg-open-sign", close, { d: `M${x + width - 16} ${y + 7}l8 8m0 -8l-8 8` });
    close.addEventListener("click", () => closeGroup(view, key));
  }
}

/** The row above the graph: what is open, each with a button that closes it. */
function showOpened(view, scene) {
  const { labels } = view;
  const chips = view.stage.querySelector(".sg-chips");
  const frames = scene.frames ?? [];
  const key = JSON.stringify(frames.map((frame) => frame.key));
  if (!chips || chips.dataset.shown === key) return;
  chips.dataset.shown = key;
  chips.replaceChildren(
    ...frames.map((frame) => {
      const chip = make("button", "sg-chip", null);
      chip.type = "button";
      suppressShortcuts(chip);
      make("span", "", chip).textContent = frame.title;
      make("span", "sg-chip-name", chip).textContent = frame.name;
      make("span", "sg-chip-close", chip).textContent = "×";
      chip.lastChild.setAttribute("aria-hidden", "true");
      chip.setAttribute("aria-label", labels.close_group.replace("{name}", `${frame.title} ${frame.name}`));
      chip.title = chip.getAttribute("aria-label");
      chip.addEventListener("click", () => closeGroup(view, frame.key));
      return chip;
    }),
  );
}

/** After opening or closing: the focus and the eye stay at what was opened or closed. */
function settleFocus(view, scene) {
  const { focusGroup, graph } = view;
  if (!focusGroup || !graph) return;
  const opened = scene.frames?.find((frame) => frame.key === focusGroup.opened);
  const closed = scene.nodes.findIndex((node) => node.group === focusGroup.closed);
  const place = opened ? opened.first : closed;
  if (place < 0 || (focusGroup.opened && !opened)) return;
  view.focusGroup = null;
  graph.sight?.reach(place);
  const { group } = graph.nodes[place];
  group.setAttribute("aria-label", spoken(view, place));
  group.focus({ preventScroll: true });
  const box = view.stage.querySelector(".sg-graph");
  const [inner, outer] = [group.getBoundingClientRect(), box.getBoundingClientRect()];
  const side = opened ? outer.left + 60 - inner.left : (outer.left + outer.right - inner.left - inner.right) / 2;
  box.scrollLeft -= side;
  box.scrollTop += (inner.top + inner.bottom - outer.top - outer.bottom) / 2;
}

function moduleKeys(view, event) {
  const { graph } = view;
  const node = graph?.nodes[graph.active]?.node;
  if (!node || !graph.nodes[graph.active].group.contains(event.target)) return;
  if ((event.key === "Enter" || event.key === " ") && node.group) {
    event.preventDefault();
    openGroup(view, node.group);
  } else if (event.key === "Escape") {
    const around = (view.shown.scene.frames ?? []).filter((frame) => frame.nodes.includes(graph.active));
    if (!around.length) return;
    event.preventDefault();
    closeGroup(view, around.at(-1).key);
  }
}
