// The page's side of watch. It scrubs through the snapshots that Python sent, without asking; the kernel trains, and opens
// the explorer of a step.

import { addButton, createHtml, setText, suppressShortcuts } from "../page/elements.js";
import { offers } from "../page/offers.js";
import { joined } from "../page/sentences.js";
import { createSilence, TRAINING_PATIENCE } from "../page/silence.js";
import { createFrameAction, createTimers } from "../page/timers.js";
import { createChoices } from "./choices.js";
import { createPanel } from "./panel.js";
import { fill, filmIndices, indexOfPosition, nearestIndex, positionOfIndex } from "./timeline.js";

/** @import { Model, RenderProps } from "../page/anywidget" */
/** @import { WatchTraits } from "./data" */

/**
 * What shows other widgets in this one.
 * @typedef {{ get_model(id: string): Promise<unknown>, create_view(model: unknown): Promise<{ el: HTMLElement, remove(): void }> }} WidgetManager
 */

const ANNOUNCE_DELAY = 500; // ms without a move, after which a screen reader is told
const CHOICE_DELAY = 90; // ms without another choice, after which the newest one is trained
const [FRAME, CALM_FRAME] = [70, 600]; // ms between two frames of the film; where the reader asked for less motion

/** @param {RenderProps<WatchTraits>} props */
function render({ model, el }) {
  const { title, labels } = model.get("spec");
  const timers = createTimers();
  const sending = createFrameAction(() => model.save_changes());
  /** @type {number[]} the indices that the film has still to show */
  let film = [];
  let measure = model.get("spec").measures[0];
  let opening = "";

  const body = createHtml("div", { class: "sg-watch-body" });
  const progress = createHtml("progress", { "aria-label": labels.training });
  const training = createHtml("span", { class: "sg-training" }, createHtml("span", {}, labels.training), progress);
  const stop = addButton(training, "sg-stop", () => model.send({ stop: true }));
  stop.textContent = labels.stop;
  let known = JSON.stringify(model.get("choices")); // those of the kernel
  let isChoosing = false;
  const choices = createChoices(model, (chosen) => {
    isChoosing = true;
    model.set("choices", chosen);
    isChoosing = false;
    silence.expect();
    timers.debounce("choose", sendChoices, CHOICE_DELAY);
  });
  /** The kernel answers new choices only: none is expected where the reader came back to those that it has. */
  const sendChoices = () => {
    const chosen = JSON.stringify(model.get("choices"));
    if (chosen === known && !model.get("shown").is_training) silence.end();
    known = chosen;
    model.save_changes();
  };
  const showChoices = () => {
    if (!isChoosing) known = JSON.stringify(model.get("choices"));
    choices.show();
  };
  const tools = createHtml("div", { class: "sg-tools" });
  const play = addButton(tools, "sg-play", () => (film.length ? pause() : start()));
  const menu = createMeasureMenu(model, (chosen) => {
    measure = chosen;
    showRuns();
  });
  tools.append(menu);
  const open = addButton(tools, "sg-open", () => openStep());
  const keep = addButton(tools, "sg-keep", () => {
    model.set("baseline", !model.get("baseline"));
    model.save_changes();
    silence.expect();
  });
  keep.hidden = !model.get("spec").controls.length;
  const problem = createHtml("p", { class: "sg-problem", role: "alert" });
  const help = createHtml("p", { class: "sg-help" });
  const status = createHtml("p", { class: "sg-hidden", role: "status" });
  const host = createHtml("div", { class: "sg-explorer-host" });

  const actions = {
    /** @param {number} step */
    goTo: (step) => moveTo(nearestIndex(steps(), step)),
    /** @param {number} by */
    moveBy: (by) => moveTo(Math.min(Math.max(present() + by, 0), steps().length - 1)),
    open: () => openStep(),
  };
  const panels = [createPanel(model.get("spec"), actions), createPanel(model.get("spec"), actions)];

  const steps = () => model.get("shown").panels[0]?.steps ?? [];
  const present = () => indexOfPosition(model.get("position"), steps().length);

  /**
   * @param {number} index of a snapshot of the first panel
   * @param {boolean} isFilm whether the film moves on, rather than the reader
   */
  const moveTo = (index, isFilm = false) => {
    if (!isFilm) pause();
    model.set("position", positionOfIndex(index, steps().length));
    showPosition();
    sending.request();
  };
  const start = () => {
    const index = present();
    const first = index >= steps().length - 1 ? 0 : index;
    film = filmIndices(first, steps().length, matchMedia("(prefers-reduced-motion: reduce)").matches);
    showNextFrame();
  };
  const showNextFrame = () => {
    const next = film.shift();
    if (next === undefined) return;
    moveTo(next, true);
    const delay = matchMedia("(prefers-reduced-motion: reduce)").matches ? CALM_FRAME : FRAME;
    if (film.length) timers.throttle("film", showNextFrame, delay);
    showPlay();
  };
  const pause = () => {
    film = [];
    timers.cancel("film");
    showPlay();
  };
  const showPlay = () => setText(play, film.length ? labels.pause : labels.play);

  const openStep = () => {
    const panel = model.get("shown").panels[0];
    if (panel?.openable[present()] !== "1") return;
    opening = fill(labels.opening, { step: panel.steps[present()] });
    showPosition();
    silence.expect(); // before it is sent: where the kernel was started again, that fails
    model.send({ open: [0, present()] });
  };

  const showPosition = () => {
    const shown = model.get("shown");
    const index = present();
    const step = steps()[index] ?? 0;
    shown.panels.forEach((panel, i) => {
      panels[i]?.moveTo(i ? nearestIndex(panel.steps, step) : index);
    });
    const panel = shown.panels[0];
    setText(open, opening || fill(labels.open, { step }));
    open.disabled = opening !== "" || panel?.openable[index] !== "1";
    timers.debounce("announce", announce, ANNOUNCE_DELAY);
  };
  const announce = () => {
    const panel = model.get("shown").panels[0];
    if (!panel?.steps.length) return;
    const fields = { step: panel.steps[present()], loss: panel.loss.texts[present()] };
    setText(status, joined([fill(labels.summary, fields), panel.trouble]));
  };
  const showRuns = () => {
    const shown = model.get("shown");
    panels.forEach(({ element }, i) => {
      element.hidden = !shown.panels[i]?.steps.length;
    });
    shown.panels.slice(0, 2).forEach((panel, i) => {
      panels[i].show(panel, measure);
    });
    body.classList.toggle("sg-two", shown.panels.length > 1);
    for (const option of menu.querySelectorAll("option")) {
      option.disabled =
        steps().length > 0 && shown.panels.every(({ measures }) => !measures[option.value]?.lines.length);
    }
    setText(problem, shown.problem || (steps().length || shown.is_training ? "" : labels.no_steps));
    problem.classList.toggle("sg-error", Boolean(shown.problem));
    const panel = shown.panels[0];
    training.hidden = !shown.is_training;
    progress.max = panel?.total ?? 1;
    progress.value = panel?.done ?? 0;
    play.disabled = steps().length < 2;
    // Some runs have no step that can be run again, e.g. where the model is called several times in each.
    const canOpen = offers(model, "explorer", "") && (shown.is_training || /1/.test(panel?.openable ?? ""));
    open.hidden = !canOpen;
    setText(help, canOpen ? labels.help : labels.help_recorded);
    setText(keep, model.get("baseline") ? labels.drop : labels.keep);
    choices.show();
    showPosition();
    showPlay();
    body.dataset.sequence = String(shown.sequence);
    body.dataset.training = String(shown.is_training);
  };
  const receiveRuns = () => {
    silence.end();
    showRuns();
    askForMore();
  };
  /** The kernel trains a slice at a time, so that it can answer other cells, and newer choices, in between. */
  const askForMore = () => {
    const { is_training: isTraining, sequence } = model.get("shown");
    if (!isTraining) return;
    silence.expect(TRAINING_PATIENCE);
    model.send({ more: sequence });
  };
  const explorer = createExplorerHost(model, host, () => {
    opening = "";
    showPosition();
  });
  /** @param {{ not_opened?: string }} content */
  const receive = (content) => {
    if (content.not_opened === undefined) return;
    opening = "";
    setText(problem, content.not_opened);
    problem.classList.add("sg-error");
    showPosition();
  };

  el.classList.add("sg-host");
  body.append(
    createHtml("div", { class: "sg-head" }, createHtml("strong", {}, title), training),
    choices.element,
    problem,
    tools,
    createHtml("div", { class: "sg-panels" }, ...panels.map(({ element }) => element)),
    help,
    status,
  );
  el.replaceChildren(
    createHtml("div", { class: "sg sg-widget sg-watch", role: "group", "aria-label": title }, body, host),
  );

  const silence = createSilence(/** @type {HTMLElement} */ (el.firstElementChild), timers, () => {
    opening = "";
    showPosition();
    const caption = model.get("shown").panels[0]?.caption;
    return caption ? labels.silent.replace("{position}", caption) : labels.silent_training;
  });
  /** @type {[string, (...args: never[]) => void][]} */
  const listeners = [
    ["change:shown", receiveRuns],
    ["change:answered", silence.end],
    ["change:position", showPosition],
    ["change:choices", showChoices],
    ["change:baseline", showRuns],
    ["change:explorer change:opened_step", explorer.show],
    ["msg:custom", receive],
  ];
  for (const [names, listener] of listeners) model.on(names, listener);
  receiveRuns();
  explorer.show();
  return () => {
    sending.cancel();
    timers.stop();
    explorer.remove();
    for (const [names, listener] of listeners) model.off(names, listener);
  };
}

/**
 * The menu of what the lines show.
 * @param {Model<WatchTraits>} model
 * @param {(measure: string) => void} choose
 */
function createMeasureMenu(model, choose) {
  const { measures, labels } = model.get("spec");
  const options = measures.map((value) => createHtml("option", { value }, labels[value]));
  const select = suppressShortcuts(createHtml("select", { class: "sg-measure" }, ...options));
  const showHelp = () => {
    select.title = labels[`${select.value}_help`];
  };
  select.addEventListener("change", () => {
    showHelp();
    choose(select.value);
  });
  showHelp();
  return createHtml("label", { class: "sg-choice" }, createHtml("span", {}, labels.show), select);
}

/**
 * The explorer of the opened step, a widget of its own inside this one.
 * @param {Model<WatchTraits>} model
 * @param {HTMLElement} host
 * @param {() => void} shown called once it is in the page
 */
function createExplorerHost(model, host, shown) {
  const { labels } = model.get("spec");
  /** @type {{ el: HTMLElement, remove(): void } | null} */
  let view = null;
  let present = "";
  const close = () => {
    view?.remove();
    view = null;
    host.replaceChildren();
  };
  const show = async () => {
    const reference = model.get("explorer") ?? "";
    if (reference === present) return;
    present = reference;
    close();
    if (!reference) return;
    const manager = /** @type {{ widget_manager?: WidgetManager }} */ (/** @type {unknown} */ (model)).widget_manager;
    if (!manager) return;
    const child = await manager.get_model(reference.replace("IPY_MODEL_", ""));
    const created = await manager.create_view(child);
    if (reference !== present) return created.remove();
    view = created;
    const head = createHtml("p", { class: "sg-opened" }, fill(labels.opened, { step: model.get("opened_step") }));
    const button = addButton(head, "sg-close", () => model.send({ close: true }));
    button.textContent = labels.close;
    host.replaceChildren(head, view.el);
    shown();
    host.scrollIntoView({ block: "nearest" });
  };
  return { show, remove: close };
}

export default { render };
