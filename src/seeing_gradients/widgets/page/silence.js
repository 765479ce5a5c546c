// No silent lie: where nobody answers after a move, the widget greys its numbers and says to which position they belong.

import { createHtml } from "./elements.js";

const PATIENCE = 1500; // ms without an answer, after which the numbers are greyed
export const TRAINING_PATIENCE = 5000; // ms without news of a training: one step of a large model may take as long
const SETTLE_DELAY = 4000; // ms, after which the notice has come to stay, and takes a line of its own

/**
 * @param {HTMLElement} widget
 * @param {import("./timers.js").Timers} timers
 * @param {() => string} sentence that says to which position the numbers belong
 */
export function createSilence(widget, timers, sentence) {
  const notice = createHtml("p", { class: "sg-silent-notice", role: "status" });
  notice.hidden = true;
  widget.prepend(notice);
  const settle = () => widget.classList.add("sg-silent-settled");
  const greyOut = () => {
    notice.textContent = sentence();
    notice.hidden = false;
    widget.classList.add("sg-silent");
    timers.debounce("silence-settles", settle, SETTLE_DELAY);
  };
  return {
    /**
     * The page asked for something; from now on an answer is expected.
     * @param {number} patience ms
     */
    expect(patience = PATIENCE) {
      timers.throttle("silence", greyOut, patience);
    },
    /** The answer came. */
    end() {
      timers.cancel("silence");
      timers.cancel("silence-settles");
      if (notice.hidden) return;
      notice.hidden = true;
      widget.classList.remove("sg-silent", "sg-silent-settled");
    },
  };
}
