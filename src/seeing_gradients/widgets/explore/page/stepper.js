// Step by step: at each step the page shows what has been computed by then.

import {
  addButton,
  addHtml,
  addInput,
  addSvg,
  createSvg,
  setAttribute,
  setText,
  suppressShortcuts,
} from "../../page/elements.js";
import { requestAhead } from "./ahead.js";
import { earlierRunNotice, showDetail } from "./detail.js";
import { showEdgeLabels } from "./edge-labels.js";
import { announce } from "./results.js";
import { showRounds } from "./rounds.js";
import { showSavedTensors } from "./saved-tensors.js";
import { lastForwardStep } from "./steps.js";

/** @import { Part } from "./detail.js" */
/** @import { View } from "./view" */

const PLAY_INTERVAL = 1100; // ms that a step is shown while playing
export const ANNOUNCE_DELAY = 450; // ms without a change, after which a screen reader is told
const HANG = 4; // characters by which the rest of a line of code that does not fit is further in than the line

const ICONS = {
  first: "M4 3h2v10H4zM13 3v10L6.5 8z",
  previous: "M11.5 3v10L5 8z",
  play: "M4.5 2.5v11L13 8z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  next: "M4.5 3v10L11 8z",
  last: "M10 3h2v10h-2zM3 3v10l6.5-5z",
};

/** @param {View} view */
export function createStepper(view) {
  const { labels, widget, timers } = view;
  const bar = view.elements.steps;
  bar.setAttribute("role", "group");
  bar.setAttribute("aria-label", labels.steps);
  let position = Infinity; // the step that is shown; Infinity for all
  /** @type {ReturnType<typeof setInterval> | null} */
  let playing = null;
  const count = () => view.shown.scene.steps.length;
  const current = () => Math.min(position, count());
  const isComplete = () => current() >= count();

  /** @param {number} step */
  const goTo = (step) => {
    const wasComplete = isComplete();
    position = step >= count() ? Infinity : Math.max(step, 0);
    show();
    if (wasComplete) requestAhead(view); // with the sentences of the steps
    timers.debounce("announce", () => announce(view), ANNOUNCE_DELAY);
  };
  const pause = () => {
    if (playing !== null) clearInterval(playing);
    playing = null;
    showIcon(playButton, "play", labels.play);
  };
  const play = () => {
    if (isComplete()) goTo(0);
    showIcon(playButton, "pause", labels.pause);
    playing = setInterval(() => {
      goTo(current() + 1);
      if (isComplete() || !widget.isConnected) pause();
    }, PLAY_INTERVAL);
  };
  /** @param {() => number} target */
  const pauseAndGo = (target) => () => {
    pause();
    goTo(target());
  };
  /**
   * @param {keyof typeof ICONS} icon
   * @param {string} label
   * @param {() => void} action
   */
  const button = (icon, label, action) => {
    const added = addButton(bar, "sg-icon", action);
    showIcon(added, icon, label);
    return added;
  };
  button(
    "first",
    labels.to_first,
    pauseAndGo(() => 0),
  );
  button(
    "previous",
    labels.to_previous,
    pauseAndGo(() => current() - 1),
  );
  const playButton = button("play", labels.play, () => (playing === null ? play() : pause()));
  button(
    "next",
    labels.to_next,
    pauseAndGo(() => current() + 1),
  );
  button("last", labels.to_last, pauseAndGo(count));
  const range = addInput(bar, "range", "sg-step-slider", labels.steps);
  range.addEventListener(
    "input",
    pauseAndGo(() => range.valueAsNumber),
  );
  const stepText = addHtml(bar, "span", "sg-step-text");
  const lines = createSource(view);

  const positionText = () => {
    if (isComplete()) return labels.all_shown;
    return labels.step_number.replace("{step}", String(current() + 1)).replace("{count}", String(count()));
  };
  /**
   * What happens in the current step.
   * @returns {Part[]}
   */
  const captions = () => {
    if (isComplete()) return [["", labels.hint]];
    const { scene, state } = view.shown;
    const [phase, i] = scene.steps[current()];
    const node = scene.nodes[i];
    const texts = state.step_captions?.[current()] ?? [node?.name ?? node?.op ?? labels.input];
    const heading = phase === "backward" ? "sg-strong sg-backward" : "sg-strong sg-forward";
    return [...texts.map((text, n) => /** @type {Part} */ ([n ? "" : heading, text])), ...earlierRunNotice(view)];
  };
  /** Announce the current step to screen readers, unless all steps are shown; return whether it was announced. */
  const announceStep = () => {
    if (isComplete()) return false;
    const texts = captions().map(([, text]) => text);
    setText(view.elements.live, `${positionText()}: ${texts.join("; ")}`);
    return true;
  };
  const show = () => {
    const { steps, nodes } = view.shown.scene;
    const step = current();
    bar.hidden = count() < 2;
    setAttribute(range, "max", String(count())); // if it were written again, the slider would be laid out again
    if (range.valueAsNumber !== step) range.value = String(step);
    range.setAttribute("aria-valuetext", positionText());
    setText(stepText, positionText());
    widget.classList.toggle("sg-stepping", !isComplete());
    widget.classList.toggle("sg-unfinished", !isComplete() && lastForwardStep(steps) > step);
    widget.dataset.step = isComplete() ? "all" : String(step);
    showProgress(view, step);
    showSavedTensors(view);
    showLine(lines, isComplete() ? null : nodes[steps[step][1]]?.line);
    if ((view.graph?.active ?? -1) < 0) showDetail(view, -1);
  };
  const stop = () => {
    if (playing !== null) clearInterval(playing);
  };
  return { current, isStepping: () => !isComplete(), captions, announce: announceStep, show, stop };
}

/**
 * Show in the graph what exists after a step, and mark what the step is about.
 * @param {View} view
 * @param {number} step
 * @param {boolean} follow whether to scroll to it
 */
export function showProgress(view, step, follow = true) {
  const { graph } = view;
  const { steps, nodes } = view.shown.scene;
  if (!graph || graph.step === step || (graph.step === undefined && step >= steps.length)) return;
  graph.step = step;
  const { value, grad, valueBegins, gradBegins } = graph.times;
  const [phase, now] = steps[step] ?? ["", -1];
  const isBackward = phase === "backward";
  if (follow && graph.viewport) {
    if (now >= 0) graph.viewport.scrollTo(now);
    graph.viewport.drawMerged();
    graph.step = step; // nodes that were drawn while scrolling show this step already
  }
  graph.nodes.forEach(({ group }, i) => {
    group.classList.toggle("sg-later", valueBegins[i] > step);
    group.classList.toggle("sg-grad-later", gradBegins[i] > step);
    group.classList.toggle("sg-now", i === now);
    group.classList.toggle("sg-now-backward", i === now && isBackward);
  });
  graph.edges.forEach(({ edge, group, label }) => {
    const isNow = edge.dst === now && (phase === "forward" || edge.back !== null);
    group.classList.toggle("sg-later", value[edge.dst] > step);
    group.classList.toggle("sg-grad-later", grad[edge.dst] > step);
    group.classList.toggle("sg-now", isNow);
    group.classList.toggle("sg-now-backward", isNow && isBackward);
    label?.tag.classList.toggle("sg-grad-later", grad[edge.dst] > step);
    label?.tag.classList.toggle("sg-now", isNow && isBackward);
  });
  for (const { connector, group } of graph.connectors) group.classList.toggle("sg-later", value[connector.src] > step);
  showEdgeLabels(view);
  for (const { argument, line } of view.rows) {
    const leaf = nodes.findIndex(({ kind, name }) => kind === "leaf" && name === argument);
    line.classList.toggle("sg-grad-later", leaf >= 0 && grad[leaf] > step);
  }
  showRounds(view);
  const box = view.elements.stage.querySelector(".sg-graph");
  if (follow && now >= 0 && box) scrollIntoBox(graph.nodes[now].group, box);
}

/**
 * @param {Element} element
 * @param {Element} box
 */
function scrollIntoBox(element, box) {
  const [target, frame] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
  if (target.left < frame.left || target.right > frame.right) {
    box.scrollLeft += (target.left + target.right - frame.left - frame.right) / 2;
  }
  if (target.top < frame.top || target.bottom > frame.bottom) {
    box.scrollTop += (target.top + target.bottom - frame.top - frame.bottom) / 2;
  }
}

/**
 * The lines of f's source, by number.
 * @param {View} view
 * @returns {Map<number, HTMLElement>}
 */
function createSource({ labels, elements }) {
  const { source } = elements;
  const { code } = labels;
  if (!code) {
    source.remove();
    return new Map();
  }
  source.tabIndex = 0;
  source.setAttribute("role", "group");
  source.setAttribute("aria-label", labels.source.replace("{name}", labels.name));
  suppressShortcuts(source);
  return new Map(
    code.lines.map((text, i) => {
      const line = addHtml(source, "code", "sg-code-line");
      line.textContent = `${text}\n`;
      line.style.setProperty("--sg-hang", `${text.search(/\S|$/) + HANG}ch`);
      return [code.first + i, line];
    }),
  );
}

/**
 * Mark the line of the current step, and bring it into sight.
 * @param {Map<number, HTMLElement>} lines
 * @param {number | null | undefined} number
 */
function showLine(lines, number) {
  for (const [i, line] of lines) {
    line.classList.toggle("sg-current-line", i === number);
    if (i !== number) {
      line.removeAttribute("aria-current");
      continue;
    }
    line.setAttribute("aria-current", "step");
    if (line.parentElement) scrollIntoBox(line, line.parentElement);
  }
}

/**
 * @param {HTMLElement} button
 * @param {keyof typeof ICONS} icon
 * @param {string} label
 */
function showIcon(button, icon, label) {
  const svg = createSvg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  addSvg(svg, "path", "", { d: ICONS[icon] });
  button.replaceChildren(svg);
  button.title = label;
  button.setAttribute("aria-label", label);
}
