// Unpack the texts of a recording; packing.py packs them.

/** @import { PackedTexts } from "./data" */

/**
 * A function from the index of a text to the text.
 * @param {PackedTexts} packed
 * @returns {(index: number) => string}
 */
export function unpack({ templates, columns, texts }) {
  const counts = templates.map(() => 0);
  const rows = texts.map((template) => {
    const row = counts[template];
    counts[template] += 1;
    return row;
  });
  /** @type {string[][][]} of each template its columns, split when one is needed */
  const split = [];
  return (index) => {
    const which = texts[index];
    split[which] ??= columns[which].map((column) => column.split(" "));
    return templates[which]
      .map((piece) => (typeof piece === "number" ? split[which][piece][rows[index]] : piece))
      .join("");
  };
}
