// What not everyone needs: saved tensors, cuts, a baseline, shapes and the plot's menu. Each stands in the toolbar if the
// call of explore() switched it on, else behind the button "more".

import { addButton, addSvg, createSvg } from "../../page/elements.js";
import { rememberMore, wasMoreOpen } from "./memory.js";

/** @import { View } from "./view" */

/** @param {View} view */
export function createExtras(view) {
  const { model, labels, elements } = view;
  const { toolbar, shownExtras, more, extras } = elements;
  const button = addButton(toolbar, "sg-button sg-more-button", () => open(!model.get("more_open")));
  button.append(labels.more, chevron());
  /** @param {boolean} isOpen */
  const open = (isOpen) => {
    rememberMore(labels.name, isOpen);
    model.set("more_open", isOpen);
    model.save_changes();
  };
  const showMore = () => {
    const isOpen = model.get("more_open");
    button.setAttribute("aria-expanded", String(isOpen));
    more.hidden = !isOpen;
    view.cuts.show();
  };
  /** Hide the button if there is nothing behind it, e.g. no edge to cut. */
  const show = () => {
    const isEmpty = (/** @type {HTMLElement} */ parent) =>
      [...parent.children].every((child) => /** @type {HTMLElement} */ (child).hidden);
    button.hidden = isEmpty(more);
    shownExtras.hidden = isEmpty(shownExtras);
  };
  more.setAttribute("role", "group");
  more.setAttribute("aria-label", labels.more);
  if (!model.get("more_open") && wasMoreOpen(labels.name)) open(true);
  return {
    show,
    showMore,
    /** Whether edges are cut by a click: only where the learner sees a control for it. */
    canCut: () => model.get("extras").cut === "shown" || (model.get("extras").cut === "more" && model.get("more_open")),
    elements: extras,
  };
}

function chevron() {
  const svg = createSvg("svg", {
    class: "sg-chevron",
    viewBox: "0 0 12 12",
    width: 12,
    height: 12,
    "aria-hidden": "true",
  });
  addSvg(svg, "path", "", { d: "M2.5 4.5L6 8l3.5-3.5" });
  return svg;
}
