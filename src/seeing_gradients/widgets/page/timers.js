// Timers of one widget: delayed, debounced and throttled actions, all of which stop with it.

/** Named timers; `stop` ends all of them. */
export function createTimers() {
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  const running = new Map();
  /**
   * Run an action once nobody has asked for it for `delay` ms.
   * @param {string} name
   * @param {() => void} action
   * @param {number} delay
   */
  const debounce = (name, action, delay) => {
    clearTimeout(running.get(name));
    running.set(name, setTimeout(action, delay));
  };
  /**
   * Run an action `delay` ms from now, unless it is about to run anyway.
   * @param {string} name
   * @param {() => void} action
   * @param {number} delay
   */
  const throttle = (name, action, delay) => {
    if (running.has(name)) return;
    const run = () => {
      running.delete(name);
      action();
    };
    running.set(name, setTimeout(run, delay));
  };
  /** @param {string} name */
  const cancel = (name) => {
    clearTimeout(running.get(name));
    running.delete(name);
  };
  const stop = () => {
    for (const timer of running.values()) clearTimeout(timer);
  };
  return { debounce, throttle, cancel, stop };
}

/** @typedef {ReturnType<typeof createTimers>} Timers */

/**
 * An action that runs with the next animation frame, once, however often it is requested until then.
 * @param {() => void} action
 */
export function createFrameAction(action) {
  let frame = 0;
  const run = () => {
    frame = 0;
    action();
  };
  return {
    request() {
      frame ||= requestAnimationFrame(run);
    },
    cancel() {
      cancelAnimationFrame(frame);
      frame = 0;
    },
  };
}
