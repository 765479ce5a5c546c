// Scales: from a value to its share of an axis or its position on a slider, and back.

/** @typedef {{ low: number, high: number }} Range */
/**
 * The scale of an axis, as Python sends it: x lies at the share offset + rate * x, or + rate * log10(x) if the axis is
 * logarithmic.
 * @typedef {[offset: number, rate: number]} Scale
 */
/** @typedef {{ scale: Scale, log?: boolean }} ScaledAxis */

/**
 * Where x lies between the ends of an axis: 0 at the low end, 1 at the high one; NaN if a logarithmic axis has no
 * position for it.
 * @param {ScaledAxis} axis
 * @param {number} x
 */
export function shareOf({ scale: [offset, rate], log }, x) {
  if (!log) return offset + rate * x;
  return x > 0 ? offset + rate * Math.log10(x) : NaN;
}

/**
 * The value at a share of an axis.
 * @param {ScaledAxis} axis
 * @param {number} share
 */
export function valueAtShare({ scale: [offset, rate], log }, share) {
  const x = (share - offset) / rate;
  return log ? 10 ** x : x;
}

/**
 * The notch of a logarithmic slider that is nearest to a value: 0 at the low end, `notches` at the high one.
 * @param {Range} range
 * @param {number} value
 * @param {number} notches
 */
export function notchOf({ low, high }, value, notches) {
  return Math.round((notches * Math.log(value / low)) / Math.log(high / low));
}

/**
 * The value at a notch of a logarithmic slider.
 * @param {Range} range
 * @param {number} notch
 * @param {number} notches
 */
export function valueAtNotch({ low, high }, notch, notches) {
  return low * (high / low) ** (notch / notches);
}

/**
 * The notch of a value on a slider that has so many notches for each power of ten; notch 0 is at 1.
 * @param {number} value
 * @param {number} perDecade
 */
export function decadeNotch(value, perDecade) {
  return Math.round(perDecade * Math.log10(value));
}

/**
 * @param {number} notch
 * @param {number} perDecade
 */
export function valueAtDecadeNotch(notch, perDecade) {
  return 10 ** (notch / perDecade);
}
