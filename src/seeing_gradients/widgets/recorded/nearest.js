// The recorded position that is nearest to where a control was moved. Nothing lies between recorded positions. No elements.

/** @typedef {[low: number, high: number, isLogarithmic: boolean]} Scale */

const MOVED_WEIGHT = 1e6; // the slider that was moved comes before all others

/**
 * A number as a share of its slider.
 * @param {Scale} scale
 * @param {number} x
 */
export function shareOf([low, high, isLogarithmic], x) {
  if (isLogarithmic) return Math.log(x / low) / Math.log(high / low);
  return (x - low) / (high - low || 1);
}

/**
 * The index of the recorded position to move to. If the nearest one is where the slider stands, it is the next one in the
 * direction of the move, so that no key press is without effect. During a drag the slider never goes back.
 * @param {number[][]} positions
 * @param {Scale[]} scales
 * @param {number[]} wanted where the sliders should be
 * @param {number[]} before where they stood
 * @param {number[]} lastWanted where they should have been at the last move of a drag; `before` if there was none
 */
export function nearestPosition(positions, scales, wanted, before, lastWanted) {
  const moved = wanted.flatMap((x, i) => (x === before[i] ? [] : [i]));
  /** @param {number[]} position */
  const distance = (position) =>
    position.reduce((sum, x, i) => {
      const part = (shareOf(scales[i], x) - shareOf(scales[i], wanted[i])) ** 2;
      return sum + (moved.includes(i) ? MOVED_WEIGHT * part : part);
    }, 0);
  const nearest = best(positions, distance);
  if (moved.length !== 1) return nearest;
  const [i] = moved;
  const direction = Math.sign(wanted[i] - lastWanted[i]) || Math.sign(wanted[i] - before[i]);
  /** @param {number} x */
  const gain = (x) => direction * (x - before[i]);
  if (gain(positions[nearest][i]) > 0) return nearest;
  const onward = positions.filter((position) => gain(position[i]) > 0);
  const unmoved = positions.filter((position) => position[i] === before[i]);
  const allowed = gain(wanted[i]) > 0 && onward.length ? onward : unmoved;
  return allowed.length ? positions.indexOf(allowed[best(allowed, distance)]) : nearest;
}

/**
 * The index of the position with the smallest distance.
 * @param {number[][]} positions
 * @param {(position: number[]) => number} distance
 */
function best(positions, distance) {
  let index = 0;
  let least = Infinity;
  positions.forEach((position, i) => {
    const d = distance(position);
    if (d < least) [index, least] = [i, d];
  });
  return index;
}
