// What the browser remembers from one run of a cell to the next. Without storage, e.g. in a private window, nothing is.

const MORE_KEY = "seeing-gradients.more";
const DONE_KEY = "seeing-gradients.moved-a-slider";
const MAX_NAMES = 100;

/**
 * The names of the functions for which "more" is open, the newest last.
 * @param {Storage | null} storage
 * @returns {string[]}
 */
function openNames(storage) {
  try {
    const names = JSON.parse(storage?.getItem(MORE_KEY) ?? "[]");
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch {
    return []; // written by something else
  }
}

/**
 * @param {"localStorage" | "sessionStorage"} name
 * @returns {Storage | null}
 */
function storageOf(name) {
  try {
    return globalThis[name] ?? null;
  } catch {
    return null; // the browser forbids it
  }
}

/**
 * @param {Storage | null} storage
 * @param {string} key
 * @param {string} text
 */
function write(storage, key, text) {
  try {
    storage?.setItem(key, text);
  } catch {
    // The storage is full or forbidden: then the next run of the cell begins as the first did.
  }
}

/**
 * Whether "more" was open when an explorer of this function was last shown.
 * @param {string} name of the function
 */
export function wasMoreOpen(name, storage = storageOf("localStorage")) {
  return openNames(storage).includes(name);
}

/**
 * @param {string} name of the function
 * @param {boolean} isOpen
 */
export function rememberMore(name, isOpen, storage = storageOf("localStorage")) {
  const others = openNames(storage).filter((other) => other !== name);
  write(storage, MORE_KEY, JSON.stringify(isOpen ? [...others, name].slice(-MAX_NAMES) : others));
}

/** Whether the learner has moved a slider in this session of the browser. */
export function hasMovedSlider(storage = storageOf("sessionStorage")) {
  return storage?.getItem(DONE_KEY) === "yes";
}

export function rememberMove(storage = storageOf("sessionStorage")) {
  write(storage, DONE_KEY, "yes");
}
