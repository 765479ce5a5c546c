// The stand-in for the kernel: the model of a widget that answers from a recording. No elements.

/**
 * @typedef {object} Player answers for one kind of widget
 * @property {(traits: Record<string, unknown>, before: Record<string, unknown>) => Record<string, unknown>} answer the
 *   traits that change when the page has set some
 * @property {(content: Record<string, unknown>, traits: Record<string, unknown>) => Record<string, unknown>} [receive] the
 *   same for a message
 * @property {(name: string, value: unknown, traits: Record<string, unknown>) => boolean} offers whether the page may set a
 *   trait to a value
 * @property {() => void} [settle] end a drag
 * @property {() => string[]} [snapped] the sliders that the last answer moved elsewhere than they were wanted, "w = 1.5"
 */

/**
 * The model that a widget's page gets.
 * @param {Record<string, unknown>} first the traits
 * @param {Player} player
 * @param {(snapped: string[]) => void} [report] is told after each answer which sliders stand elsewhere than they were wanted
 */
export function createModel(first, player, report = () => {}) {
  const traits = { ...first };
  let answered = { ...first }; // what the player answered last
  let isWaiting = false;
  /** @type {Map<string, Set<(...args: never[]) => void>>} */
  const listeners = new Map();
  /** @param {string} event */
  const fire = (event) => {
    for (const listener of [...(listeners.get(event) ?? [])]) listener();
  };
  /**
   * Set several traits at once, then tell of those that changed.
   * @param {Record<string, unknown>} changes
   */
  const update = (changes) => {
    const changed = Object.keys(changes).filter((name) => !isEqual(traits[name], changes[name]));
    Object.assign(traits, changes);
    for (const name of changed) fire(`change:${name}`);
  };
  const answer = () => {
    isWaiting = false;
    const before = answered;
    const changes = player.answer(traits, before);
    answered = { ...traits, ...changes };
    update({ ...changes, answered: Number(traits.answered ?? 0) + 1 });
    report(player.snapped?.() ?? []);
  };
  return {
    /** @param {string} name */
    get: (name) => traits[name],
    /**
     * @param {string} name
     * @param {unknown} value
     */
    set(name, value) {
      update({ [name]: value });
    },
    save_changes() {
      if (isWaiting) return;
      isWaiting = true;
      queueMicrotask(answer);
    },
    /** @param {Record<string, unknown>} content */
    send(content) {
      queueMicrotask(() => update(player.receive?.(content, traits) ?? {}));
    },
    /**
     * @param {string} events
     * @param {(...args: never[]) => void} listener
     */
    on(events, listener) {
      for (const event of events.split(" ")) {
        if (!listeners.has(event)) listeners.set(event, new Set());
        listeners.get(event)?.add(listener);
      }
    },
    /**
     * @param {string} events
     * @param {(...args: never[]) => void} listener
     */
    off(events, listener) {
      for (const event of events.split(" ")) listeners.get(event)?.delete(listener);
    },
    /**
     * @param {string} name
     * @param {unknown} value
     */
    offers: (name, value) => player.offers(name, value, traits),
  };
}

/**
 * @param {unknown} one
 * @param {unknown} other
 */
function isEqual(one, other) {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}
