// The node of a folded loop: its first round, its last, and between them the one that the learner chooses.

import { addSvg, addText, setText } from "../../page/elements.js";
import { showDetail } from "./detail.js";
import { chosenRound, knownRounds, moveRound } from "./round-math.js";

/** @import { SceneNode } from "./data" */
/** @import { DrawnRounds, View } from "./view" */
/** @import { Part } from "./detail.js" */

const BUTTON_DISTANCE = 24; // px from the number of the chosen round to the middle of the buttons beside it
const FIRST_REPEAT = 400; // ms that a button is held before it goes on by itself
const REPEAT = 90; // ms from then on

/**
 * The texts of a folded loop beyond those that every node has, and the buttons that choose a round.
 * @param {View} view
 * @param {SVGGElement} group
 * @param {SceneNode} node
 * @param {number} i
 * @returns {DrawnRounds | null} null for any other node
 */
export function buildRounds(view, group, node, i) {
  const { rounds } = node;
  if (!rounds) return null;
  const size = node.value[2];
  /** @param {number} x */
  const column = (x) => ({
    value: addText(group, "sg-val", [x, rounds.value, size, "middle"]),
    grad: rounds.has_grad ? addText(group, "sg-grad", [x, rounds.grad, size, "middle"]) : null,
  });
  const first = column(rounds.first);
  if (rounds.default < 0) return { first, chosen: null, number: null };
  const drawn = {
    first,
    chosen: column(rounds.chosen),
    number: addText(group, "sg-caption sg-round-number", [rounds.chosen, rounds.head, null, "middle"]),
  };
  for (const [direction, sign] of /** @type {[number, string][]} */ ([
    [-1, "M-3 0h6"],
    [1, "M-3 0h6M0 -3v6"],
  ])) {
    const x = rounds.chosen + direction * BUTTON_DISTANCE;
    const button = addSvg(group, "g", "sg-round-button", {
      transform: `translate(${x} ${rounds.head - 3.5})`,
    });
    addSvg(button, "circle", "sg-round-target", { r: 12 });
    addSvg(button, "circle", "sg-open-ring", { r: 6.5 });
    addSvg(button, "path", "sg-open-sign", { d: sign });
    const title = addSvg(button, "title");
    title.textContent = direction < 0 ? view.labels.round_before : view.labels.round_after;
    holdToRepeat(button, () => chooseRound(view, i, direction));
  }
  return drawn;
}

/**
 * Do something when a button is pressed, and again and again while it is held. The press does not reach what lies around
 * the button, which would open the loop.
 * @param {SVGGElement} button
 * @param {() => void} action
 */
function holdToRepeat(button, action) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isRepeated = false;
  const stop = () => clearTimeout(timer);
  const repeat = () => {
    if (!button.isConnected) return;
    isRepeated = true;
    action();
    timer = setTimeout(repeat, REPEAT);
  };
  button.addEventListener("pointerdown", (event) => {
    event.stopPropagation();
    isRepeated = false;
    stop();
    timer = setTimeout(repeat, FIRST_REPEAT);
  });
  for (const name of ["pointerup", "pointerleave", "pointercancel"]) button.addEventListener(name, stop);
  button.addEventListener("click", (event) => {
    event.stopPropagation();
    stop();
    if (!isRepeated) action();
    isRepeated = false;
  });
}

/**
 * Choose another round of the loop of node i.
 * @param {View} view
 * @param {number} i
 * @param {number} distance how many rounds on; -Infinity and Infinity for the ends
 */
export function chooseRound(view, i, distance) {
  const node = view.shown.scene.nodes[i];
  if (!node?.rounds || !node.group || node.rounds.default < 0) return;
  const now = chosenRound(node.rounds, view.chosenRounds.get(node.group));
  view.chosenRounds.set(node.group, moveRound(node.rounds, now, distance));
  showRounds(view);
  if (view.graph?.active === i) showDetail(view, i);
}

/**
 * Shift and an arrow key, Home or End choose a round of the focused loop.
 * @param {View} view
 * @param {KeyboardEvent} event
 */
export function chooseRoundByKey(view, event) {
  const active = view.graph?.active ?? -1;
  const distance = event.shiftKey ? DISTANCES.get(event.key) : undefined;
  if (distance === undefined || !view.shown.scene.nodes[active]?.rounds) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  chooseRound(view, active, distance);
}

const DISTANCES = new Map([
  ["ArrowLeft", -1],
  ["ArrowDown", -1],
  ["ArrowRight", 1],
  ["ArrowUp", 1],
  ["Home", -Infinity],
  ["End", Infinity],
]);

/**
 * Write the numbers of the rounds of all folded loops, as far as they are known at the current step.
 * @param {View} view
 */
export function showRounds(view) {
  const { graph, shown } = view;
  const { rounds: texts } = shown.state;
  if (!graph || !texts) return;
  const moves = shown.state.nudge?.rounds;
  const step = view.stepper?.current() ?? Number.POSITIVE_INFINITY;
  graph.nodes.forEach(({ node, value, grad, rounds: drawn }, i) => {
    const all = texts[i];
    if (!drawn || !node.rounds || !all || all.length !== node.rounds.count) return;
    const known = knownRounds(shown.scene.steps, step, i, all.length);
    const chosen = chosenRound(node.rounds, view.chosenRounds.get(node.group ?? ""), known.now);
    /** @type {[{ value: SVGTextElement, grad: SVGTextElement | null } | null, number][]} */
    const columns = [
      [drawn.first, 0],
      [drawn.chosen, chosen],
      [{ value, grad }, all.length - 1],
    ];
    for (const [column, round] of columns) {
      if (!column) continue;
      const text = moves?.[i] ? `Δ ${moves[i][round]}` : `→ ${all[round][0]}`;
      setText(column.value, round < known.computed ? text : "");
      if (column.grad) setText(column.grad, round >= known.waiting ? `← ${all[round][1]}` : "");
      column.value.classList.toggle("sg-now", known.now === round);
      column.grad?.classList.toggle("sg-now", known.now === round);
    }
    if (drawn.number) setText(drawn.number, String(chosen + 1));
  });
}

/**
 * What the description of a folded loop says about its first, its chosen and its last round.
 * @param {View} view
 * @param {number} i
 * @returns {Part[]}
 */
export function roundDetails({ labels, shown, chosenRounds }, i) {
  const node = shown.scene.nodes[i];
  const texts = shown.state.rounds?.[i];
  if (!node.rounds || !texts || texts.length !== node.rounds.count) return [];
  const details = shown.state.round_details?.[i];
  const chosen = chosenRound(node.rounds, chosenRounds.get(node.group ?? ""));
  /** @type {(round: number, name: string) => string} */
  const heading = (round, name) =>
    labels.round
      .replace("{round}", String(round + 1))
      .replace("{name}", () => name)
      .trim();
  const shownRounds = [...new Set([0, chosen, texts.length - 1])].filter((round) => round >= 0);
  return shownRounds.flatMap((round) => {
    /** @type {[string, string, string][]} */
    const variables = details?.[round] ?? [["", ...texts[round]]];
    return variables.flatMap(([name, value, grad], n) => {
      /** @type {Part[]} */
      const parts = [n ? ["", name] : ["sg-round-heading", heading(round, name)], ["sg-forward", `→ ${value}`]];
      if (grad) parts.push(["sg-backward", `← ${grad}`]);
      return parts;
    });
  });
}
