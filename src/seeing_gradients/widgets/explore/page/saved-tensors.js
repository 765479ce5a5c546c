// Saved tensors: below each node, what its backward node saved and whether backward has freed it.

import { addHtml, addInput, addText, createSvg, setText } from "../../page/elements.js";
import { offers } from "../../page/offers.js";
import { hasNumbers } from "./nodes.js";
import { savedTensorsAt } from "./steps.js";

/** @import { TextPosition } from "../../page/elements.js" */
/** @import { SavedTensorChip, SavedTensorsChoice, SceneNode } from "./data" */
/** @import { DrawnNode, View } from "./view" */

const CHIP_GAP = "7"; // px
const CHIP_SIZE = 11; // px

/** @param {View} view */
export function createSavedTensors(view) {
  const { model, labels } = view;
  const words = labels.saved_tensors;
  const bar = view.elements.extras.saved;
  bar.classList.add("sg-saved-bar");
  /**
   * @param {keyof SavedTensorsChoice} name
   * @param {string} text
   */
  const addSwitch = (name, text) => {
    const label = addHtml(bar, "label", `sg-choice sg-saved-${name}`);
    const box = addInput(label, "checkbox", "sg-switch", text);
    addHtml(label, "span").textContent = text;
    box.addEventListener("change", () => {
      model.set("saved_tensors", { on: on.box.checked, retain: retain.box.checked, twice: twice.box.checked });
      model.save_changes();
    });
    return { label, box };
  };
  const on = addSwitch("on", words.saved_tensors);
  const retain = addSwitch("retain", words.retain);
  const twice = addSwitch("twice", words.twice);
  const memory = addHtml(bar, "span", "sg-memory");
  return {
    /** Show what is chosen. */
    showChoice() {
      const choice = model.get("saved_tensors");
      on.box.checked = choice.on;
      retain.box.checked = choice.retain;
      twice.box.checked = choice.twice;
      /** @param {keyof SavedTensorsChoice} name */
      const canSwitch = (name) => offers(model, "saved_tensors", { ...choice, [name]: !choice[name] });
      on.label.hidden = !canSwitch("on");
      retain.label.hidden = !choice.on || !canSwitch("retain");
      twice.label.hidden = !choice.on || !canSwitch("twice");
      bar.hidden = on.label.hidden && !choice.on;
    },
    show() {
      setText(memory, view.shown.state.memory ?? "");
      showSavedTensors(view);
    },
  };
}

/**
 * Write below each node what it has saved at a step, by default the current one, and mark the node at which backward
 * stopped.
 * @param {View} view
 * @param {number} step
 */
export function showSavedTensors(view, step = view.stepper.current()) {
  const { graph, labels } = view;
  const { state, scene } = view.shown;
  const { signs } = labels.saved_tensors;
  if (!graph || !hasNumbers(view)) return;
  const hasFailed = (state.failed ?? -1) >= 0;
  if (!state.saved_tensors && !graph.hasSavedTensors && !hasFailed && !graph.hasFailed) return;
  graph.hasSavedTensors = Boolean(state.saved_tensors);
  graph.hasFailed = hasFailed;
  const isLastStep = step >= scene.steps.length - 1;
  graph.nodes.forEach((drawn, i) => {
    drawn.group.classList.toggle("sg-failed", state.failed === i && isLastStep);
    writeChips(drawn, signs, savedTensorsAt(state, i, step, graph.times));
  });
}

/**
 * @param {DrawnNode} drawn
 * @param {Record<string, string>} signs
 * @param {SavedTensorChip[]} chips
 */
function writeChips(drawn, signs, chips) {
  const key = JSON.stringify(chips);
  if ((drawn.savedKey ?? "[]") === key) return;
  drawn.savedKey = key;
  const { node, group } = drawn;
  drawn.saved ??= addText(group, "sg-saved", chipsPosition(node));
  group.classList.toggle("sg-has-saved", chips.length > 0);
  drawn.saved.replaceChildren(
    ...chips.map(([kind, text], n) => {
      const chip = createSvg(
        "tspan",
        { class: `sg-is-${kind === "kept" ? "held" : kind}` },
        `${signs[kind] ?? ""} ${text}`.trim(),
      );
      if (n) chip.setAttribute("dx", CHIP_GAP);
      return chip;
    }),
  );
}

/**
 * The position of the chips. They replace the caption, which is the name of the backward node that saves the tensors.
 * @param {SceneNode} node
 * @returns {TextPosition}
 */
function chipsPosition({ marks }) {
  const [, x, y, , anchor] = marks.find(([kind]) => kind === "caption") ?? ["", 0, 0, 0, "middle"];
  return [x, y, CHIP_SIZE, anchor];
}
