// Numbers: rounding, positions of sliders, and how they are written.

const MAX_DIGITS = 15; // further digits of a float64 are not exact
const DEFAULT_DIGITS = 7;
const MAX_COMPACT = 7; // characters
export const FIELD_CHARACTERS = 8; // of a number that fits into a field

/**
 * A number rounded to so many significant digits.
 * @param {number} x
 * @param {number} digits
 */
export function roundTo(x, digits = 3) {
  return Number(x.toPrecision(digits));
}

/**
 * A number with so many significant digits, in as few characters as possible.
 * @param {number} x
 * @param {number} digits
 */
export function shortest(x, digits = DEFAULT_DIGITS) {
  return String(roundTo(x, digits));
}

/**
 * A number to one decimal, as coordinates are sent.
 * @param {number} x
 */
export function roundToTenth(x) {
  return Math.round(x * 10) / 10;
}

/**
 * @param {number} x
 * @param {number} low
 * @param {number} high
 */
export function clamp(x, low, high) {
  return Math.min(Math.max(x, low), high);
}

/**
 * The multiple of the step that is nearest to x, within the range of a slider.
 * @param {number} x
 * @param {{ low: number, high: number, step: number }} slider
 */
export function snapToStep(x, { low, high, step }) {
  return clamp(roundTo(Math.round(x / step) * step, 12), low, high);
}

/**
 * An end of a slider in at most some seven characters: to three digits if all of them take more.
 * @param {number} x
 * @param {{ kind: string, step: number }} control
 */
export function compactPosition(x, control) {
  const exact = formatPosition(x, control);
  return exact.length <= MAX_COMPACT ? exact : formatPosition(roundTo(x), control);
}

/**
 * A slider's position in few characters, but with enough digits to tell it from the next step: 1000000.5, 5e11.
 * @param {number} x
 * @param {{ kind: string, step: number }} control
 */
export function formatPosition(x, { kind, step }) {
  if (kind === "integer") return String(x);
  const digits = Math.ceil(Math.log10(Math.abs(x) / step)) + 1;
  const plain = shortest(x, Math.min(Math.max(digits, DEFAULT_DIGITS), MAX_DIGITS) || DEFAULT_DIGITS);
  const power = Number(plain).toExponential().replace("e+", "e");
  return plain.length > FIELD_CHARACTERS && power.length < plain.length ? power : plain;
}

/**
 * The values around x on a slider, nearest first.
 * @param {number} x
 * @param {{ low: number, step: number }} slider
 * @param {(value: number) => number} snap what the slider makes of a value: one of its own positions, within its range
 * @param {number} count how many to either side
 */
export function valuesAround(x, { low, step }, snap, count) {
  const middle = Math.round((x - low) / step);
  const values = [];
  for (let i = 1; i <= count; i += 1) {
    for (const k of [middle + i, middle - i]) {
      const value = snap(low + k * step);
      if (k >= 0 && Math.abs(value - low - k * step) < step / 2) values.push(value);
    }
  }
  return values;
}

/**
 * The length of the bar behind a number; nan and infinity have a full bar.
 * @param {number | null | undefined} part the number as a part of the largest one, -1 to 1; null for nan and infinity
 */
export function barLength(part) {
  return `${Math.round(Math.abs(part ?? 1) * 45)}%`;
}
