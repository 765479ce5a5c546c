// Which modules and nodes a search finds, best first. Pure.

/** @import { Scene, SearchEntry } from "./data" */

/** @typedef {SearchEntry & { index?: number }} Findable what can be found; index: of a node that the scene shows */

const SEPARATORS = /[.\s/:#…]+/;

/**
 * What of a scene can be found: its nodes, by their names or operations.
 * @param {Scene} scene
 * @returns {Findable[]}
 */
export function findableNodes(scene) {
  return scene.nodes.map(({ name, op, group }, index) => ({
    name: name ?? op,
    text: name === null ? "" : op,
    opens: [],
    index,
    ...(group === undefined ? { node: name ?? op } : { group }),
  }));
}

/**
 * What the kernel knows of, and after it the nodes of the scene that it does not name.
 * @param {SearchEntry[]} known
 * @param {Findable[]} shown
 */
export function mergeFindable(known, shown) {
  const keys = new Set(known.map(({ group, node }) => group ?? `node ${node}`));
  return [...known, ...shown.filter(({ group, node }) => !keys.has(group ?? `node ${node}`))];
}

/**
 * The best matches of a search. All of its words must occur in the name or the text of an entry.
 * @param {string} query
 * @param {Findable[]} entries
 * @param {number} most
 * @returns {Findable[]} in the order of their entries where they match equally well
 */
export function findMatches(query, entries, most) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  /** @type {[cost: number, entry: Findable][]} */
  const matches = [];
  for (const entry of entries) {
    const cost = costOf(words, entry);
    if (cost < Infinity) matches.push([cost, entry]);
  }
  matches.sort(([a], [b]) => a - b);
  return matches.slice(0, most).map(([, entry]) => entry);
}

/**
 * How far an entry is from what was typed; Infinity for no match. Whole names come first, then ends of names, then
 * whole parts, then beginnings of parts, then anything else; and of equal ones modules, and outer ones.
 * @param {string[]} words
 * @param {Findable} entry
 */
function costOf(words, { name, text, group }) {
  const [path, kind] = [name.toLowerCase(), text.toLowerCase()];
  let cost = 0;
  for (const word of words) cost += wordCost(word, path, kind);
  return cost * 1000 + (group === undefined ? 100 : 0) + Math.min(path.split(".").length, 99);
}

/**
 * @param {string} word
 * @param {string} path
 * @param {string} kind
 */
function wordCost(word, path, kind) {
  if (path === word) return 0;
  if (path.endsWith(`.${word}`)) return 1;
  if (`.${path}.`.includes(`.${word}.`)) return 2;
  if (kind === word) return 3;
  const isStart = (/** @type {string} */ part) => part.startsWith(word);
  if (path.startsWith(word) || path.split(SEPARATORS).some(isStart)) return 4;
  if (kind.split(SEPARATORS).some(isStart)) return 5;
  if (path.includes(word)) return 6;
  return kind.includes(word) ? 7 : Infinity;
}
