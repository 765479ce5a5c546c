// A prediction without a kernel: it compares the reader's answer with PyTorch's result, and the browser remembers it.

/** @import { PredictReplies, RecordingData } from "./data" */
/** @import { Player } from "./model.js" */

const KEY = "seeing-gradients.prediction.";
const DIGITS = 6; // of an answer's text

/**
 * What was typed, with ASCII characters in place of full-width digits, "½" and a minus sign.
 * @param {unknown} typed
 */
const plainText = (typed) => String(typed).normalize("NFKC").trim().replaceAll("−", "-").replaceAll("⁄", "/");

/**
 * Whether a comma stands before three digits: for some people it separates thousands, for others decimals.
 * @param {unknown} typed
 */
export const isAmbiguous = (typed) => /^[+-]?[1-9]\d{0,2}(,\d{3})+$/.test(plainText(typed));

/**
 * The number that a text stands for, or null: full-width digits, "½", "1/2", "1,5" and "−1" are numbers, too.
 * @param {unknown} typed
 */
export function parseNumber(typed) {
  if (isAmbiguous(typed)) return null;
  const text = plainText(typed).replaceAll(",", ".");
  const parts = text.split("/");
  if (parts.length > 2 || parts.some((part) => !/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(part.trim()))) return null;
  const [numerator, denominator = 1] = parts.map(Number);
  const value = numerator / denominator;
  return Number.isFinite(value) ? value : null;
}

/**
 * A number as Python's format "g" writes it, with six digits.
 * @param {number} x
 */
export function formatNumber(x) {
  const [digits, exponent] = (x + 0).toExponential(DIGITS - 1).split("e");
  const power = Number(exponent);
  if (power >= -4 && power < DIGITS) return String(Number((x + 0).toPrecision(DIGITS)));
  const sign = power < 0 ? "-" : "+";
  return `${Number(digits)}e${sign}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** @returns {Storage | null} */
function browserStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null; // the browser forbids it
  }
}

/**
 * @param {RecordingData} data
 * @param {PredictReplies} replies
 * @param {Storage | null} storage
 * @returns {Player & { start(): Record<string, any> }}
 */
export function createPredictPlayer(data, replies, storage = browserStorage()) {
  const card = /** @type {import("../predict/data").PredictCard} */ (data.traits.card);
  const isChoice = card.kind === "choice";
  let { stage, answer } = remembered(storage, card);

  /** @param {typeof stage} next */
  const goTo = (next) => {
    stage = next;
    try {
      if (stage !== "compared") storage?.setItem(KEY + card.id, JSON.stringify({ stage, answer }));
    } catch {
      // The storage is full or forbidden: then the next visit begins as the first did.
    }
  };
  const textOf = () => (isChoice ? card.options[Number(answer)] : formatNumber(Number(answer)));
  const verdict = () => {
    if (answer === null) return replies.unanswered;
    if (answer === replies.actual) return replies.same;
    return Math.abs(answer - replies.actual) <= replies.tolerance ? replies.near : replies.other;
  };
  const state = (problem = "") => {
    const sentences = { open: "", recorded: replies.recorded, skipped: replies.skipped, compared: verdict() };
    const text = answer === null ? sentences[stage] : sentences[stage].replaceAll("{answer}", () => textOf());
    return { stage, text, why: stage === "compared" ? replies.why : "", problem };
  };
  /** @param {{ action?: string, answer?: unknown }} sent */
  const press = ({ action, answer: typed }) => {
    if (action === "record" && stage === "open") {
      const value = isChoice ? /** @type {number | null} */ (typed ?? null) : parseNumber(typed);
      if (value === null) return state(!isChoice && isAmbiguous(typed) ? replies.ambiguous : replies.problem);
      answer = value;
      goTo("recorded");
    } else if (action === "skip" && stage === "open") goTo("skipped");
    else if (action === "compare" && (stage === "recorded" || stage === "skipped")) goTo("compared");
    return state();
  };
  return {
    answer: (traits) => ({ state: press(/** @type {any} */ (traits.sent)) }),
    offers: () => true,
    start: () => ({ ...data.traits, state: state() }),
  };
}

/**
 * What the browser remembers; an answer to another version of the question is none.
 * @param {Storage | null} storage
 * @param {import("../predict/data").PredictCard} card
 * @returns {{ stage: "open" | "recorded" | "skipped" | "compared", answer: number | null }}
 */
function remembered(storage, { id, kind, options }) {
  try {
    const { stage, answer } = JSON.parse(storage?.getItem(KEY + id) ?? "{}");
    const isPossible = kind === "choice" ? answer in options : Number.isFinite(answer);
    if (stage === "skipped") return { stage, answer: null };
    if (stage === "recorded" && isPossible) return { stage, answer };
  } catch {
    // Nothing is remembered, or it was written by something else.
  }
  return { stage: "open", answer: null };
}
