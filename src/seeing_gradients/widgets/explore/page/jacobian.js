// The Jacobian: rows that are lit by their weights, their weighted sum, and what backward(v) gave.

import { addHtml, createHtml, setText, suppressShortcuts } from "../../page/elements.js";
import { barLength } from "../../page/numbers.js";
import { offers } from "../../page/offers.js";
import { keyOf } from "./cache.js";

/** @import { Jacobian, JacobianLabels } from "./data" */
/** @import { View } from "./view" */

/** @typedef {{ row: HTMLTableRowElement, weight: HTMLTableCellElement, cells: HTMLTableCellElement[] }} Row */

const HEADING_CELLS = 2; // of a row: its weight and its name

/** @param {View} view */
export function createJacobian(view) {
  const { model, labels } = view;
  const words = labels.jacobian;
  const panel = view.elements.jacobian;
  const choice = addHtml(panel, "label", "sg-choice sg-jacobian-choice");
  addHtml(choice, "span").textContent = words.jacobian_input;
  const menu = suppressShortcuts(addHtml(choice, "select", "sg-select"));
  menu.addEventListener("change", () => {
    model.set("jacobian_input", menu.value);
    model.save_changes();
  });
  const note = addHtml(panel, "div", "sg-muted sg-jacobian-note");
  const title = addHtml(panel, "div", "sg-muted sg-jacobian-title");
  title.textContent = words.jacobian;
  const box = suppressShortcuts(addHtml(panel, "div", "sg-jacobian-wrap"));
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", words.jacobian);
  const table = addHtml(box, "table", "sg-jacobian-table");
  table.setAttribute("aria-label", words.jacobian);
  const verdict = addHtml(panel, "div", "sg-jacobian-verdict");
  let shownInputs = "";
  let shownForm = "";
  /** @type {ReturnType<typeof buildTable> | null} */
  let built = null;

  /** @param {Jacobian} jacobian */
  const showMenu = ({ inputs, input }) => {
    const offered = ["", ...inputs].filter((name) => offers(model, "jacobian_input", name));
    choice.hidden = offered.length < 2;
    if (keyOf(offered) !== shownInputs) {
      const options = offered.map((value) => createHtml("option", { value }, value || words.jacobian_all));
      menu.replaceChildren(...options);
    }
    shownInputs = keyOf(offered);
    const hasFocus = menu === menu.ownerDocument.activeElement;
    if (!hasFocus || menu.value !== model.get("jacobian_input")) menu.value = input;
  };
  const show = () => {
    const { jacobian } = view.shown.state;
    panel.hidden = !jacobian;
    if (!jacobian) return;
    showMenu(jacobian);
    const hasNote = jacobian.note !== undefined;
    setText(note, jacobian.note ?? "");
    title.hidden = box.hidden = verdict.hidden = hasNote;
    if (hasNote) return;
    const form = keyOf([jacobian.rows, jacobian.columns, jacobian.starts]);
    if (built === null || form !== shownForm) built = buildTable(table, words, jacobian);
    shownForm = form;
    fillTable(built, jacobian);
    setText(verdict, jacobian.same ? words.jacobian_same : words.jacobian_other);
    verdict.classList.toggle("sg-bad", !jacobian.same);
  };
  return { show };
}

/**
 * @param {HTMLTableElement} table
 * @param {JacobianLabels} words
 * @param {Jacobian} jacobian
 */
function buildTable(table, words, { rows: names, columns, starts }) {
  table.replaceChildren();
  const head = addHtml(addHtml(table, "thead"), "tr");
  for (const text of [words.jacobian_weights, "", ...columns]) {
    const cell = addHtml(head, text ? "th" : "td");
    cell.textContent = text;
    if (text) cell.scope = "col";
  }
  const body = addHtml(table, "tbody");
  const rows = names.map((name) => buildRow(body, name, "sg-jacobian-row", columns.length));
  const foot = addHtml(table, "tfoot");
  const sum = buildRow(foot, words.jacobian_sum, "sg-jacobian-sum", columns.length);
  const grad = buildRow(foot, words.jacobian_gradient, "sg-jacobian-grad", columns.length);
  for (const row of table.rows) {
    for (const column of starts) row.cells[column + HEADING_CELLS].classList.add("sg-begins");
  }
  return { rows, sum, grad };
}

/**
 * @param {HTMLElement} section
 * @param {string} heading
 * @param {string} className
 * @param {number} count of columns
 * @returns {Row}
 */
function buildRow(section, heading, className, count) {
  const row = addHtml(section, "tr", className);
  const weight = addHtml(row, "td", "sg-weight");
  const name = addHtml(row, "th");
  name.scope = "row";
  name.textContent = heading;
  return { row, weight, cells: Array.from({ length: count }, () => addHtml(row, "td")) };
}

/**
 * @param {ReturnType<typeof buildTable>} table
 * @param {Jacobian} jacobian
 */
function fillTable({ rows, sum, grad }, jacobian) {
  rows.forEach((row, i) => {
    setText(row.weight, jacobian.weights[i]);
    row.row.style.setProperty("--sg-light", String(jacobian.lights[i]));
    fillCells(row, jacobian.cells[i]);
    row.cells.forEach((cell, j) => {
      const part = jacobian.parts[i][j];
      cell.classList.toggle("sg-below", (part ?? 1) < 0);
      cell.style.setProperty("--sg-part", barLength(part));
    });
  });
  fillCells(sum, jacobian.sum);
  fillCells(grad, jacobian.grads);
}

/**
 * @param {Row} row
 * @param {string[]} texts
 */
function fillCells({ cells }, texts) {
  cells.forEach((cell, j) => {
    setText(cell, texts[j]);
  });
}
