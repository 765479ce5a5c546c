// No silent lie: where nobody answers after a move, the widget greys its numbers and says to which position they belong.

import { createHtml } from "./elements.js";

export const PATIENCE = 1500; // ms without an answer, after which the numbers are greyed

/**
 * @param {HTMLElement} widget
 * @param {import("./timers.js").Timers} timers
 * @param {() => string} sentence that says to which position the numbers belong
 */
export function createSilence(widget, timers, sentence) {
  const notice = createHtml("p", { class: "sg-silent-notice", role: "status" });
  notice.hidden = true;
  widget.prepend(notice);
  const greyOut = () => {
    notice.textContent = sentence();
    notice.hidden = false;
    widget.classList.add("sg-silent");
  };
  return {
    /** The page asked for something; from now on an answer is expected. */
    expect() {
      timers.throttle("silence", greyOut, PATIENCE);
    },
    /** The answer came. */
    end() {
      timers.cancel("silence");
      if (notice.hidden) return;
      notice.hidden = true;
      widget.classList.remove("sg-silent");
    },
  };
}
