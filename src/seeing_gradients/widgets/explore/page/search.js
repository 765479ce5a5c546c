// Search: "/" opens a field; what it finds is a list, and the chosen module or node is opened and gets the focus.

import { addButton, addHtml, addInput, addSvg, setText } from "../../page/elements.js";
import { goToMatch } from "./modules.js";
import { findableNodes, findMatches, mergeFindable } from "./search-ranking.js";

/** @import { SearchEntry } from "./data" */
/** @import { Findable } from "./search-ranking.js" */
/** @import { View } from "./view" */

const MOST_SHOWN = 40; // matches in the list
const ICON = "M7 2.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0 -9M10.3 10.3L14 14";
let fields = 0; // in the page, for ids

/**
 * @param {View} view
 * @param {HTMLElement} tools
 */
export function createSearch(view, tools) {
  const words = view.labels.search;
  const holder = addHtml(tools, "div", "sg-search");
  const button = addButton(holder, "sg-icon sg-search-button", () => open());
  button.title = words.search;
  button.setAttribute("aria-label", words.search);
  const svg = addSvg(button, "svg", "", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  addSvg(svg, "path", "sg-zoom-sign", { d: ICON });
  const field = addInput(holder, "text", "sg-search-field", words.search);
  const list = addHtml(holder, "ul", "sg-matches");
  list.id = `sg-matches-${++fields}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.search);
  const attributes = {
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-controls": list.id,
    autocomplete: "off",
    spellcheck: "false",
    placeholder: words.search,
  };
  for (const [name, value] of Object.entries(attributes)) field.setAttribute(name, value);
  /** @type {Findable[]} */
  let entries = [];
  /** @type {Findable[]} */
  let matches = [];
  let active = 0;
  /** @type {Element | null} what had the focus before */
  let origin = null;
  const isOpen = () => !field.hidden;

  /** @param {number} i */
  const activate = (i) => {
    active = i;
    const options = [...list.children];
    options.forEach((option, n) => {
      option.setAttribute("aria-selected", String(n === i && matches.length > 0));
    });
    if (!matches.length) {
      field.removeAttribute("aria-activedescendant");
      return;
    }
    field.setAttribute("aria-activedescendant", options[i].id);
    options[i].scrollIntoView({ block: "nearest" });
  };
  const showMatches = () => {
    matches = findMatches(field.value, entries, MOST_SHOWN);
    const isAsked = field.value.trim() !== "";
    list.replaceChildren();
    for (const [n, match] of matches.entries()) addMatch(list, n, match, () => choose(match));
    if (isAsked && !matches.length) addHtml(list, "li", "sg-muted").textContent = words.search_none;
    list.hidden = !isAsked;
    field.setAttribute("aria-expanded", String(isAsked && matches.length > 0));
    if (isAsked) {
      const count = words.search_count.replace("{count}", String(matches.length));
      setText(view.elements.live, matches.length ? count : words.search_none);
    }
    activate(0);
  };
  const collect = (/** @type {SearchEntry[]} */ known) => {
    entries = mergeFindable(known, findableNodes(view.shown.scene));
    showMatches();
  };
  const open = () => {
    if (!isOpen()) origin = document.activeElement;
    field.hidden = false;
    holder.classList.add("sg-searching");
    field.focus();
    field.select();
    collect([]);
    view.model.send({ search: true }); // what is in closed modules only the kernel knows
  };
  const close = () => {
    field.value = "";
    field.hidden = list.hidden = true;
    field.setAttribute("aria-expanded", "false");
    holder.classList.remove("sg-searching");
  };
  const cancel = () => {
    const isWithin = holder.contains(document.activeElement);
    close();
    if (!isWithin) return;
    const before = origin;
    const isFocusable = before instanceof HTMLElement || before instanceof SVGElement;
    if (isFocusable && before !== button && view.widget.contains(before)) before.focus();
    else button.focus();
  };
  /** @param {Findable} match */
  const choose = (match) => {
    close();
    goToMatch(view, match);
  };
  /** @param {KeyboardEvent} event */
  const handleKey = (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") cancel();
    else if (event.key === "Enter" && matches.length) choose(matches[active]);
    else if (event.key === "ArrowDown" && matches.length) activate((active + 1) % matches.length);
    else if (event.key === "ArrowUp" && matches.length) activate((active + matches.length - 1) % matches.length);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  field.addEventListener("input", showMatches);
  field.addEventListener("keydown", handleKey);
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // or the field would lose the focus and close
  holder.addEventListener("focusout", (event) => {
    if (!holder.contains(/** @type {Node | null} */ (event.relatedTarget))) close();
  });
  view.widget.addEventListener("keydown", (event) => {
    const isTyping = event.target instanceof HTMLInputElement && ["text", "number"].includes(event.target.type);
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping || holder.hidden) return;
    event.preventDefault();
    open();
  });
  close();
  return {
    /** @param {SearchEntry[]} known */
    receive(known) {
      if (isOpen()) collect(known);
    },
    /** Offer the search, or not: where everything is in sight, there is nothing to look for. */
    offer: (/** @type {boolean} */ isNeeded) => {
      holder.hidden = !isNeeded && !isOpen();
    },
  };
}

/**
 * @param {HTMLElement} list
 * @param {number} n
 * @param {Findable} match
 * @param {() => void} choose
 */
function addMatch(list, n, { name, text }, choose) {
  const option = addHtml(list, "li", "sg-match");
  option.id = `${list.id}-${n}`;
  option.setAttribute("role", "option");
  addHtml(option, "span", "sg-match-name").textContent = name;
  addHtml(option, "span", "sg-muted").textContent = text;
  option.addEventListener("click", choose);
}
