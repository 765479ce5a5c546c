// The page's half of explore(): it draws what the kernel computed. Positions and numbers come from Python. The page
// builds elements once for each topology of the graph, and then changes only their text.

import { addHtml } from "../../page/elements.js";
import { createSilence } from "../../page/silence.js";
import { createTimers } from "../../page/timers.js";
import { createAhead, currentContent, isAhead, isAnswered, requestAhead, storeAnswer } from "./ahead.js";
import { createBaseline } from "./baseline.js";
import { createControls } from "./controls.js";
import { createCuts } from "./cuts.js";
import { createExtras } from "./extras.js";
import { putGraph } from "./graph.js";
import { createJacobian } from "./jacobian.js";
import { createLayout } from "./layout.js";
import { settleFocus, showOpenModules } from "./modules.js";
import { createNudge } from "./nudge.js";
import { EMPTY_SCENE } from "./packing.js";
import { createPlot } from "./plot.js";
import { createPreviews } from "./previews.js";
import { announce, askForCheck, showCheck, showResults } from "./results.js";
import { createSavedTensors } from "./saved-tensors.js";
import { createElements } from "./skeleton.js";
import { ANNOUNCE_DELAY, createStepper } from "./stepper.js";
import { createTip } from "./tip.js";

/** @import { RenderProps } from "../../page/anywidget" */
/** @import { AheadAnswer, ExploreTraits, SearchEntry } from "./data" */
/** @import { View } from "./view" */

const NEAR_DELAY = 50; // ms after a move, whose picture is painted by then, after which the page asks for its neighbours
const CHECK_DELAY = 160; // ms without a change, after which the page asks for a slow check

/** @param {RenderProps<ExploreTraits>} props */
function render({ model, el }) {
  const view = createView(model, el);
  const { timers } = view;
  const draw = () => {
    showContent(view);
    timers.debounce("announce", () => announce(view), ANNOUNCE_DELAY);
    timers.debounce("check", () => askForCheck(view), CHECK_DELAY);
  };
  const showSliders = () => {
    for (const row of view.rows) row.show(model.get("sliders"));
  };
  const handleSliders = () => {
    showSliders();
    if (view.moveCount) view.tip.done();
    if (!isAhead(view) && !isAnswered(view)) return view.silence.expect();
    view.silence.end();
    draw();
    timers.throttle("near", () => requestAhead(view), NEAR_DELAY);
  };
  const handleState = () => {
    if (isAnswered(view)) view.silence.end();
    draw();
    requestAhead(view);
  };
  /** A choice was made that the kernel answers with another state, if f gave a result. */
  const expectAnswer = () => {
    if (model.get("state").fresh) view.silence.expect();
  };
  /** The same of a choice that changes nothing where backward stopped. */
  const expectNumbers = () => {
    if (model.get("state").complete) expectAnswer();
  };

  /** @type {Record<string, (...args: never[]) => void>} */
  const listeners = {
    "change:scene": draw,
    "change:state": handleState,
    "change:check": draw,
    "change:sliders": handleSliders,
    "change:cuts": () => {
      view.silence.expect();
      view.cuts.show();
    },
    "change:saved_tensors": () => {
      view.silence.expect();
      view.savedTensors.showChoice();
    },
    "change:opened": expectAnswer,
    "change:jacobian_input": expectNumbers,
    "change:nudge_choice": () => {
      expectNumbers();
      view.nudge.showChoice();
    },
    "change:more_open": view.extras.showMore,
    "change:plot_choice": () => {
      view.silence.expect();
      view.layout.arrange();
      view.plot.draw();
    },
    "change:plot_data": () => {
      if (isAnswered(view)) view.silence.end();
      view.plot.receive();
    },
    "msg:custom": (/** @type {{ ahead?: AheadAnswer, search?: SearchEntry[] }} */ { ahead, search }) => {
      receiveAhead(view, ahead);
      if (search) view.search?.receive(search);
    },
  };
  for (const [name, listener] of Object.entries(listeners)) model.on(name, listener);
  showSliders();
  view.savedTensors.showChoice();
  view.nudge.showChoice();
  draw();
  view.extras.showMore();
  view.layout.arrange();
  announce(view);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) model.off(name, listener);
    view.stepper.stop();
    view.plot.stop();
    view.layout.stop();
    view.zoom?.stop();
    timers.stop();
    view.widget.remove();
  };
}

/**
 * @param {View["model"]} model
 * @param {HTMLElement} el
 */
function createView(model, el) {
  const labels = model.get("labels");
  const widget = addHtml(el, "div", "sg sg-widget sg-explore");
  widget.lang = labels.language;
  const base = {
    model,
    labels,
    widget,
    elements: createElements(widget, labels, model.get("extras")),
    timers: createTimers(),
    ahead: createAhead(),
    shown: { state: model.get("state"), scene: EMPTY_SCENE, cells: undefined, isChecked: false },
    graph: null,
    graphs: new Map(),
    moves: new Map(),
    moveCount: 0,
    lastMove: -Infinity,
    unconfirmedSince: Infinity,
    focusedModule: null,
    chosenRounds: new Map(),
    announced: null,
  };
  const view = /** @type {View} */ (/** @type {unknown} */ (base)); // its parts are added below
  view.silence = createSilence(widget, base.timers, () =>
    labels.silent.replace("{position}", model.get("state").call ?? ""),
  );
  view.stepper = createStepper(view);
  view.rows = createControls(view);
  view.savedTensors = createSavedTensors(view);
  view.cuts = createCuts(view);
  view.baseline = createBaseline(view);
  view.previews = createPreviews(view);
  view.jacobian = createJacobian(view);
  view.plot = createPlot(view);
  view.nudge = createNudge(view);
  view.extras = createExtras(view);
  view.layout = createLayout(view);
  view.tip = createTip(view);
  return view;
}

/**
 * Show the current content in all parts of the widget.
 * @param {View} view
 */
function showContent(view) {
  const { scene: sceneBefore } = view.shown;
  const content = currentContent(view);
  const isNewScene = content.scene !== sceneBefore;
  if (isNewScene) view.graph = content.scene.nodes.length ? putGraph(view, content.scene) : null;
  view.shown = content;
  showOpenModules(view);
  if (isNewScene) view.zoom?.refresh(); // numbers change no sizes, and reading sizes costs a layout
  showResults(view);
  showCheck(view);
  view.stepper.show();
  view.savedTensors.show();
  view.cuts.show();
  view.baseline.show();
  view.previews.show();
  view.jacobian.show();
  view.nudge.show();
  settleFocus(view);
  view.plot.mark();
  if (view.model.offers) {
    view.savedTensors.showChoice();
    view.nudge.showChoice();
    view.plot.showMenu();
  }
  view.extras.show();
  view.layout.show();
}

/**
 * @param {View} view
 * @param {AheadAnswer | undefined} answer
 */
function receiveAhead(view, answer) {
  if (!answer) return;
  storeAnswer(view.ahead, answer);
  if (answer.forget) return;
  view.widget.dataset.ahead = String(view.ahead.entries.size);
  if (isAhead(view) && view.shown.state !== currentContent(view).state) showContent(view);
  requestAhead(view);
}

export default { render };
