// Which round of a folded loop is shown, and which rounds are known at a step. Pure: no elements.

/** @import { SceneRounds, SceneStep } from "./data" */

/**
 * The round to show between the first and the last, from 0; -1 if there is none.
 * @param {SceneRounds} rounds
 * @param {number | undefined} wanted the round that the learner chose; the loop may have fewer rounds now
 * @param {number} now the round of the current step, or -1; it is shown if it lies between the first and the last
 */
export function chosenRound(rounds, wanted, now = -1) {
  if (rounds.default < 0) return -1;
  if (now > 0 && now < rounds.count - 1) return now;
  return Math.min(Math.max(wanted ?? rounds.default, 1), rounds.count - 2);
}

/**
 * The round that is so many rounds further, between the first and the last.
 * @param {SceneRounds} rounds
 * @param {number} now
 * @param {number} distance
 */
export function moveRound(rounds, now, distance) {
  return Math.min(Math.max(now + distance, 1), rounds.count - 2);
}

/**
 * What is known of the rounds of a folded loop after a step.
 * @param {SceneStep[]} steps
 * @param {number} step
 * @param {number} node of the loop
 * @param {number} count of its rounds
 * @returns {{ computed: number, waiting: number, now: number }} how many rounds are computed; how many, from the first
 *   on, have no gradient yet; the round of this step, or -1
 */
export function knownRounds(steps, step, node, count) {
  if (step >= steps.length) return { computed: count, waiting: 0, now: -1 };
  let [computed, waiting] = [0, count];
  for (const [phase, i, round] of steps.slice(0, step + 1)) {
    if (i !== node || round === undefined) continue;
    if (phase === "forward") computed = round + 1;
    if (phase === "backward") waiting = round;
  }
  const [, active, round] = steps[step];
  return { computed, waiting, now: active === node ? (round ?? -1) : -1 };
}
