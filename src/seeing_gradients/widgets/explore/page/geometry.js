// Geometry of the graph: path data, boxes, and what lies in sight. Pure arithmetic, px of the scene.

export const MIN_GRAPH_SCALE = 0.8; // of its natural size: how far a graph shrinks before it scrolls
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
