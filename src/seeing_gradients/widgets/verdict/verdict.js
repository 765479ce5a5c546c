// The page's side of a verdict: the card that Python wrote, and a message to Python whenever a hint is opened.

import { suppressShortcuts } from "../page/elements.js";

/** @import { RenderProps } from "../page/anywidget" */
/** @import { VerdictTraits, VerdictOpened } from "./data" */

/** @param {RenderProps<VerdictTraits>} props */
function render({ model, el }) {
  el.classList.add("sg-verdict-host", "jp-RenderedHTMLCommon"); // JupyterLab's style of code, tables and paragraphs
  el.innerHTML = model.get("markup");
  for (const button of el.querySelectorAll("summary")) {
    suppressShortcuts(button);
    // JupyterLab 4.6 cancels the line break that Enter gives inside a cell, and with it the browser's own click.
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      button.click();
    });
  }
  // "toggle" does not bubble.
  el.addEventListener(
    "toggle",
    ({ target }) => {
      if (!(target instanceof HTMLDetailsElement) || !target.open || !target.dataset.step) return;
      /** @type {VerdictOpened} */
      const message = { opened: Number(target.dataset.step) };
      model.send(message);
    },
    { capture: true },
  );
}

export default { render };
