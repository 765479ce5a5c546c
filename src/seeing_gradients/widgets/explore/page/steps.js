// The steps of a run: which node each is about, and what is known after it. Pure: no elements.

/** @import { SavedTensorChip, SceneStep, State } from "./data" */

/**
 * @typedef {object} StepTimes
 * @property {number[]} value of each node, the step that computes it; of a folded loop, its last round
 * @property {number[]} grad of each node, the step in which its gradient is complete, and passed on unless that fails; 0
 *   if there is none
 * @property {number[]} valueBegins the same, but of a folded loop the first round that is computed
 * @property {number[]} gradBegins the same, but of a folded loop the first round that backward reaches
 * @property {number} computed the step at which all values are computed
 */

/**
 * When each node's value and gradient are known.
 * @param {number} nodeCount
 * @param {SceneStep[]} steps
 * @returns {StepTimes}
 */
export function stepTimes(nodeCount, steps) {
  const value = Array(nodeCount).fill(0);
  const grad = Array(nodeCount).fill(0);
  const [valueBegins, gradBegins] = [[...value], [...grad]];
  steps.forEach(([phase, node], step) => {
    if (phase === "forward") {
      value[node] = step;
      valueBegins[node] ||= step;
    }
    if (phase === "backward" || phase === "failed") {
      grad[node] = step;
      gradBegins[node] ||= step;
    }
  });
  return { value, grad, valueBegins, gradBegins, computed: lastForwardStep(steps) + 1 };
}

/**
 * The last step of the forward pass, or -1.
 * @param {SceneStep[]} steps
 */
export function lastForwardStep(steps) {
  return steps.findLastIndex(([phase]) => phase === "forward");
}

/**
 * What node i shows as saved at a step: a tensor is freed once backward has passed the node, and changed once it has
 * been written to.
 * @param {State} state
 * @param {number} i
 * @param {number} step
 * @param {StepTimes} times
 * @returns {SavedTensorChip[]}
 */
export function savedTensorsAt(state, i, step, { value, grad, computed }) {
  if (step < value[i]) return [];
  const isFreed = step >= grad[i] && grad[i] > 0;
  return (state.saved_tensors?.[i] ?? []).map(([kind, text], n) => {
    const [textBefore, writer] = state.inplace_writes?.[i]?.[n] ?? [text, -1];
    const written = writer < 0 ? computed : value[writer];
    if (kind === "changed" && step < written) return ["kept", textBefore];
    return [kind === "freed" && !isFreed ? "kept" : kind, text];
  });
}
