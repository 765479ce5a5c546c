// Geometry of the graph: path data, boxes, and what lies in sight. Pure arithmetic, px of the scene.

export const MIN_GRAPH_SCALE = 0.8; // of its natural size: how far a graph shrinks before it scrolls
const LEVEL = 24; // px that an edge may rise or fall and still count as level
const ABOVE_EDGE = 25; // px: half the height of a node and a little more
const BESIDE_EDGE = 8; // px
const LABEL_GAP = 2; // px between two labels
const [MAY_TOUCH, FAR_AWAY] = [1, 60]; // px: how far a label may reach into a node, and where it seems to belong to no edge
const MAX_OVERSIZE = 6; // of the width in sight; a wider window was drawn for a smaller scale, with too little detail

/** @typedef {[left: number, top: number, right: number, bottom: number]} Box */
/** @typedef {{ x: number, y: number, w: number, h: number }} Rectangle */

/**
 * Path data of lines (4 numbers) and cubic curves (8 numbers), joined where one begins at the end of the last.
 * @param {number[][]} pieces
 */
export function pathOf(pieces) {
  let end = "";
  return pieces
    .map((piece) => {
      const start = `${piece[0]} ${piece[1]}`;
      const move = start === end ? "" : `M${start}`;
      end = piece.slice(-2).join(" ");
      return `${move}${piece.length === 4 ? "L" : "C"}${piece.slice(2).join(" ")}`;
    })
    .join("");
}

/**
 * The middle of the last curve of an edge, which is the one before its node, or of a line if that is longer.
 * @param {number[][]} pieces
 */
export function middleOf(pieces) {
  const piece = longest(pieces.slice(-2));
  const [x, y] = [0, 1].map((k) =>
    piece.length === 4
      ? (piece[k] + piece[k + 2]) / 2
      : (piece[k] + 3 * piece[k + 2] + 3 * piece[k + 4] + piece[k + 6]) / 8,
  );
  return [x, y];
}

/** @param {number[][]} pieces */
function longest(pieces) {
  const lengths = pieces.map((piece) => {
    const [x, y] = piece.slice(-2);
    return Math.max(Math.abs(x - piece[0]), Math.abs(y - piece[1]));
  });
  return pieces[lengths.indexOf(Math.max(...lengths))];
}

/**
 * Where a text stands that covers neither its edge nor, as far as possible, the numbers of nodes: beside an edge that
 * runs down, above one that is level, else on it.
 * @param {number[][]} pieces
 * @param {number} width of the text
 * @param {"right" | "down"} direction of the graph
 */
export function labelPosition(pieces, width, direction) {
  const [x, y] = middleOf(pieces);
  if (direction === "down") return [x + width / 2 + BESIDE_EDGE, y];
  const last = longest(pieces.slice(-2));
  const isLevel = Math.abs(last[last.length - 1] - last[1]) < LEVEL;
  return [x, isLevel ? y - ABOVE_EDGE : y];
}

/**
 * What a label must not cover: the nodes, and the circles where a broken edge goes on.
 * @param {{ nodes: Rectangle[], connectors: { x: number, y: number, r: number }[] }} scene
 * @returns {Rectangle[]}
 */
export function obstacles({ nodes, connectors }) {
  return [...nodes, ...connectors.map(({ x, y, r }) => ({ x: x - r, y: y - r, w: 2 * r, h: 2 * r }))];
}

/**
 * Move a label up or down, by as little as possible, to where it covers no node; leave it where that would be far away.
 * @param {number[]} slot middle, width and height
 * @param {Rectangle[]} nodes
 */
export function clearOfNodes([x, y, w, h], nodes) {
  const near = nodes.filter((node) => Math.abs(node.x + node.w / 2 - x) < (node.w + w) / 2);
  const covers = (/** @type {number} */ at) =>
    near.some((node) => Math.abs(node.y + node.h / 2 - at) < (node.h + h) / 2 - MAY_TOUCH);
  const places = [y, ...near.flatMap((node) => [node.y - h / 2, node.y + node.h + h / 2])];
  const free = places.filter((at) => Math.abs(at - y) < FAR_AWAY && !covers(at));
  const nearest = Math.min(...free.map((at) => Math.abs(at - y)));
  return [x, free.find((at) => Math.abs(at - y) === nearest) ?? y, w, h];
}

/**
 * Move labels down until none covers another.
 * @param {number[][]} slots middle, width and height of each
 */
export function separated(slots) {
  /** @type {number[][]} */
  const placed = [];
  const order = slots.map((_, i) => i).sort((a, b) => slots[a][1] - slots[b][1]);
  for (const i of order) {
    const [x, , w, h] = slots[i];
    let y = slots[i][1];
    for (const j of order) {
      const other = placed[j];
      if (!other || Math.abs(other[0] - x) >= (other[2] + w) / 2) continue;
      if (Math.abs(other[1] - y) < h + LABEL_GAP) y = other[1] + h + LABEL_GAP;
    }
    placed[i] = [x, y, w, h];
  }
  return placed;
}

/**
 * Path data of an arrow head at a point.
 * @param {number[]} point
 * @param {string} head path data from its point
 */
export function arrowHead([x, y], head) {
  return `M${x} ${y}${head}`;
}

/**
 * Path data of two strokes.
 * @param {number[]} ends of the first, then of the second
 */
export function strokes([x0, y0, x1, y1, x2, y2, x3, y3]) {
  return `M${x0} ${y0}L${x1} ${y1}M${x2} ${y2}L${x3} ${y3}`;
}

/**
 * The CSS width of a graph: that of its box, unless the graph would be smaller than MIN_GRAPH_SCALE; then its natural
 * width, and the box scrolls.
 * @param {number} width
 */
export function fittingWidth(width) {
  return `min(${width}px, max(100%, calc((${Math.round(width * MIN_GRAPH_SCALE)}px - 100%) * 999)))`;
}

/**
 * @param {Rectangle} rectangle
 * @returns {Box}
 */
export function boxOf({ x, y, w, h }) {
  return [x, y, x + w, y + h];
}

/**
 * Whether two boxes have a point in common.
 * @param {Box} a
 * @param {Box} b
 */
export function overlaps(a, b) {
  return a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];
}

/**
 * Whether a holds all of b.
 * @param {Box} a
 * @param {Box} b
 */
export function contains(a, b) {
  return a[0] <= b[0] && a[1] <= b[1] && a[2] >= b[2] && a[3] >= b[3];
}

/**
 * The smallest box around the points of some pieces.
 * @param {number[][]} pieces
 * @returns {Box}
 */
export function boundsOf(pieces) {
  /** @type {Box} */
  const bounds = [Infinity, Infinity, -Infinity, -Infinity];
  for (const piece of pieces) {
    for (let i = 0; i < piece.length; i += 2) {
      if (piece[i] < bounds[0]) bounds[0] = piece[i];
      if (piece[i] > bounds[2]) bounds[2] = piece[i];
      if (piece[i + 1] < bounds[1]) bounds[1] = piece[i + 1];
      if (piece[i + 1] > bounds[3]) bounds[3] = piece[i + 1];
    }
  }
  return bounds;
}

/**
 * The part of a large graph that is drawn: twice as wide and twice as high as what is in sight.
 * @param {Box} sight
 * @returns {Box}
 */
export function windowAround([left, top, right, bottom]) {
  const [w, h] = [right - left, bottom - top];
  return [left - w / 2, top - h / 2, right + w / 2, bottom + h / 2];
}

/**
 * Whether what was drawn for a window still serves what is in sight now.
 * @param {Box | null} window
 * @param {Box} sight
 */
export function serves(window, sight) {
  return window !== null && contains(window, sight) && window[2] - window[0] < MAX_OVERSIZE * (sight[2] - sight[0]);
}

/**
 * Clip a horizontal line to the window, so that lines that overlap there become the same line; return others unchanged.
 * @param {number[]} piece
 * @param {Box} window
 */
export function clipToWindow(piece, [left, , right]) {
  if (piece.length > 4 || piece[1] !== piece[3]) return piece;
  return [Math.max(piece[0], Math.round(left)), piece[1], Math.min(piece[2], Math.round(right)), piece[3]];
}
