// ---- what to show: the kernel's answer to where the sliders stand, or what it ran there ahead ----

const keyOf = (sliders) => JSON.stringify(sliders);

/** Whether the kernel has not answered yet for this position but ran it ahead. */
function isAhead({ model, ahead }) {
  const key = keyOf(model.get("sliders"));
  return keyOf(model.get("state").at) !== key && ahead.entries.get(key)?.state != null;
}

/** Whether the kernel's last answer is of this position; it says nothing anew where the page was elsewhere only ahead of it. */
function isAnswered({ model }) {
  return keyOf(model.get("state").at) === keyOf(model.get("sliders"));
}

/** The state, scene and check to show: {state, scene, rows, checked}. */
function present(view) {
  const { model, ahead } = view;
  const known = ahead.entries.get(keyOf(model.get("sliders")));
  const check = model.get("check");
  if (isAhead(view)) return { state: known.state, scene: sceneOf(view, known.state), rows: known.rows ?? check.rows, checked: Boolean(known.rows) };
  const state = model.get("state");
  if (isOutrun(view, state)) return view.shown;
  const checked = check.of === state.sequence;
  const same = !checked && known?.rows && keyOf(state.at) === keyOf(known.state.at) && state.fresh;
  return { state, scene: sceneNow(view), rows: same ? known.rows : check.rows, checked: checked || Boolean(same) };
}

/** Whether this answer is of an earlier position than the one shown, and the sliders have moved on: no picture goes back. */
function isOutrun({ model, shown, moves }, state) {
  if (!shown || keyOf(state.at) === keyOf(model.get("sliders"))) return false;
  return (moves.get(keyOf(state.at)) ?? 0) < (moves.get(keyOf(shown.state.at)) ?? 0);
}

function sceneOf(view, state) {
  const scene = sceneNow(view);
  return state.scene === scene.key ? scene : view.ahead.scenes.get(state.scene);
}

/** The kernel's scene, unpacked once. */
function sceneNow(view) {
  const given = view.model.get("scene");
  if (view.given !== given) Object.assign(view, { given, scene: unpack(given) });
  return view.scene;
}

function drawPresent(view) {
  const shown = present(view);
  const changed = shown.scene !== view.shown?.scene;
  if (changed) view.graph = shown.scene.nodes ? graphOf(view, shown.scene) : null;
  view.shown = shown;
  showOpened(view, shown.scene);
  if (changed) view.zoom?.refresh(); // values move nothing, and to ask takes a layout
  patch(view);
  patchCheck(view);
  view.stepper?.show();
  view.keeper?.patch();
  view.cutter?.show();
  view.comparer?.show();
  view.shaper?.show();
  view.jacobians?.show();
  settleFocus(view, shown.scene);
  view.plotter?.mark();
}

/** Ask the kernel for positions near the present one, along the slider that hand or focus is on; one question at a time. */
function lookAhead(view) {
  const { model, ahead } = view;
  if (ahead.off || ahead.asked || ahead.aim === null) return;
  const positions = ahead.aim.near(model.get("sliders")).filter((at) => !ahead.entries.has(keyOf(at)));
  if (!positions.length) return;
  ahead.asked = true;
  model.send({ ahead: positions.slice(0, MOST_ASKED), scenes: [model.get("scene").key, ...ahead.scenes.keys()] });
}

function receiveAhead(view, answer) {
  const { ahead } = view;
  if (!answer) return;
  if (answer.forget) {
    ahead.entries.clear();
    return;
  }
  ahead.asked = false;
  ahead.off = answer.off;
  for (const scene of answer.scenes ?? []) ahead.scenes.set(scene.key, scene);
  for (const entry of answer.entries ?? []) keep(ahead.entries, keyOf(entry.at), entry, MOST_AHEAD);
  view.root.dataset.ahead = ahead.entries.size;
  if (isAhead(view) && view.shown.state !== present(view).state) drawPresent(view);
  lookAhead(view);
}

/** Put into a map; the oldest go beyond `most`. */
function keep(map, key, value, most) {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value);
}
