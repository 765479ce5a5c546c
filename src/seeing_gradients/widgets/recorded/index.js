// Shows every recording of a page in its place: elements of the class sg-recorded, each when the reader comes near it.

import descend from "../descend/descend.js";
import explore from "../explore/page/index.js";
import { createHtml } from "../page/elements.js";
import predict from "../predict/predict.js";
import secant from "../secant/secant.js";
import watch from "../watch/watch.js";
import { createModel } from "./model.js";
import { createPlayer } from "./players.js";

/** @import { RecordingData } from "./data" */

const WIDGETS = { descend, explore, predict, secant, watch };
const NEAR = "800px"; // from the edge of the window

/**
 * The recording inside an element.
 * @param {HTMLElement} element
 * @returns {Promise<RecordingData>}
 */
async function read(element) {
  const text = element.querySelector("script.sg-recorded-data")?.textContent ?? "";
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Response(stream).json();
}

/**
 * Show a recording in place of its picture.
 * @param {HTMLElement} element
 */
async function mount(element) {
  if (element.dataset.mounted) return;
  element.dataset.mounted = "reading";
  const data = await read(element);
  const player = createPlayer(data);
  const moved = createHtml("p", { class: "sg-recorded-moved", role: "status" });
  const model = createModel(player.start(), player, (names) => {
    moved.textContent = names.length ? data.labels.moved.replace("{position}", names.join(", ")) : "";
  });
  const host = createHtml("div", { class: "sg-recorded-widget" });
  const note = createHtml("p", { class: "sg-recorded-note" }, data.labels.note);
  element.querySelector(".sg-recorded-picture")?.replaceWith(host);
  host.after(moved, note);
  const { render } = /** @type {{ render(props: object): void }} */ (WIDGETS[data.kind]);
  render({ model, el: host });
  for (const event of ["keydown", "pointerup", "pointercancel"]) {
    element.addEventListener(event, () => player.settle?.(), { capture: true });
  }
  element.dataset.mounted = "yes";
}

function mountAll() {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        observer.unobserve(target);
        void mount(/** @type {HTMLElement} */ (target));
      }
    },
    { rootMargin: NEAR },
  );
  for (const element of document.querySelectorAll(".sg-recorded")) observer.observe(element);
}

if (document.readyState === "loading") addEventListener("DOMContentLoaded", mountAll);
else mountAll();
