// ---- large graphs: of all nodes and edges the page holds only those in sight and a little around them ----
// The lists of a large graph's drawn nodes and edges have holes: forEach visits what is drawn, length counts all.

const LARGE = 1000; // nodes, from which on only what is in sight is drawn
const MOST_DRAWN = 500; // nodes in sight; more are too small to be read and drawn as outlines only
const FIRST_SIGHT = [1200, 700]; // px, before the page has laid the box out

/** A scene as it came from the kernel; a large one comes packed, see helpers/explore/packing.py. */
function unpack(scene) {
  if (!scene.packed) return scene;
  const { nodes, edges, steps, ...rest } = JSON.parse(scene.packed);
  return {
    ...rest,
    key: scene.key,
    nodes: nodes.form.map((form, id) => ({ ...nodes.forms[form], form, id, x: nodes.x[id] / 10, y: nodes.y[id] / 10 })),
    edges: unpackEdges(edges),
    steps: steps.flatMap(([phase, ids]) => ids.map((id) => [phase, id])),
  };
}

function unpackEdges({ src, dst, kinds, pieces, lengths, dx, dy, back, mark, slots, at }) {
  let [piece, point, x, y] = [0, 0, 0, 0];
  const edges = src.map((from, i) => {
    const led = [];
    for (const last = piece + pieces[i]; piece < last; piece += 1) {
      const flat = [];
      for (const end = point + lengths[piece] / 2; point < end; point += 1) {
        x += dx[point];
        y += dy[point];
        flat.push(x / 10, y / 10);
      }
      led.push(flat);
    }
    const [start, end] = [led[0], led.at(-1).slice(-2)];
    const returns = back[i] === null ? null : [tenth(start[0] + back[i]), start[1]];
    const edge = { src: from, dst: dst[i], kind: "flow", pieces: led, tip: end, back: returns, mark: mark[i] ?? null, slot: null };
    return at[i] ? { ...edge, at: at[i][0], cutname: at[i][1] } : edge;
  });
  for (const [kind, places] of Object.entries(kinds)) for (const i of places) edges[i].kind = kind;
  for (const [i, ...slot] of slots) edges[i].slot = slot;
  return edges;
}

const tenth = (x) => Math.round(x * 10) / 10;

/** Draw of a graph what is in sight, whenever that changes. */
function sightOf(view, scene, graph, box) {
  const { svg } = graph;
  const far = shape("g", "sg-far", graph.lines);
  const bounds = scene.edges.map(({ pieces }) => boundsOf(pieces));
  const self = { window: null, coarse: false, laidOut: false };

  const now = () => {
    const [inner, outer] = [svg.getBoundingClientRect(), box.getBoundingClientRect()];
    const scale = inner.width / scene.width;
    if (!scale || !outer.width) {
      const { x, y } = scene.nodes[0];
      return [x - FIRST_SIGHT[0] / 2, y - FIRST_SIGHT[1] / 2, x + FIRST_SIGHT[0], y + FIRST_SIGHT[1] / 2];
    }
    self.laidOut = true;
    const [left, top] = [(outer.left - inner.left) / scale, (outer.top - inner.top) / scale];
    return [left, top, left + outer.width / scale, top + Math.max(outer.height, 100) / scale];
  };
  const isShown = (sight) => {
    const { window } = self;
    if (!window || !holds(window, sight)) return false;
    return window[2] - window[0] < 6 * (sight[2] - sight[0]); // else much nearer than when it was drawn
  };
  const pinned = (i) => i === graph.active || i === graph.stepped || graph.nodes[i]?.group === document.activeElement;

  self.update = () => {
    const before = self.laidOut;
    const sight = now();
    if (!before && self.laidOut) return self.reach(0); // the graph begins there, be it far below the upper left corner
    if (isShown(sight)) return;
    const [w, h] = [sight[2] - sight[0], sight[3] - sight[1]];
    self.window = [sight[0] - w / 2, sight[1] - h / 2, sight[2] + w / 2, sight[3] + h / 2];
    drawNodes();
    drawEdges();
    self.drawFar();
    if (view.graph === graph && view.shown.scene === scene) dress(view);
  };
  /** Draw node i, too, and scroll to it where it is out of sight. */
  self.reach = (i) => {
    const node = scene.nodes[i];
    const [left, top, right, bottom] = now();
    const scale = svg.getBoundingClientRect().width / scene.width || 1;
    if (node.x < left || node.x + node.w > right) box.scrollLeft += (node.x + node.w / 2 - (left + right) / 2) * scale;
    if (node.y < top || node.y + node.h > bottom) box.scrollTop += (node.y + node.h / 2 - (top + bottom) / 2) * scale;
    if (!graph.nodes[i]) self.window = null;
    graph.stepped = i;
    self.update();
  };

  const drawNodes = () => {
    const inside = [];
    scene.nodes.forEach((node, i) => crosses([node.x, node.y, node.x + node.w, node.y + node.h], self.window) && inside.push(i));
    self.inside = inside;
    self.coarse = inside.length > MOST_DRAWN;
    const wanted = new Set(self.coarse ? [] : inside);
    scene.nodes.forEach((_, i) => pinned(i) && wanted.add(i));
    graph.nodes.forEach(({ group }, i) => {
      if (wanted.has(i)) return;
      group.remove();
      delete graph.nodes[i];
    });
    let after = null; // in the order of the graph, which is the order in which a screen reader meets them
    for (const i of [...wanted].sort((a, b) => b - a)) {
      if (!graph.nodes[i]) {
        graph.nodes[i] = buildNode(view, scene.nodes[i], null, i);
        svg.insertBefore(graph.nodes[i].group, after);
      }
      after = graph.nodes[i].group;
    }
  };
  /** Edges are drawn one by one where their label is, or their tip; elsewhere many share one path. */
  const drawEdges = () => {
    scene.edges.forEach((edge, i) => {
      const [x, y] = edge.slot ?? edge.tip;
      const wanted = !self.coarse && crosses([x, y, x, y], self.window);
      if (wanted && !graph.edges[i]) graph.edges[i] = buildEdge(view, edge, graph.lines, graph.tags);
      if (wanted || !graph.edges[i]) return;
      graph.edges[i].group.remove();
      graph.edges[i].tag?.remove();
      delete graph.edges[i];
    });
  };
  /** Write what is in sight but not drawn one by one, as few paths: of each kind, and of each state of the steps. */
  self.drawFar = () => {
    if (!self.window) return;
    const [k, { value, grad }] = [view.stepper.step(), (graph.times ??= timesOf(graph, scene.steps))];
    const layers = new Map();
    const layer = (name, i) => {
      const key = `${name}${value[i] > k ? " sg-later" : ""}${grad[i] > k ? " sg-ungrad" : ""}`;
      if (!layers.has(key)) layers.set(key, { "sg-line": new Set(), "sg-tip": new Set(), "sg-back": new Set(), "sg-outline": new Set() });
      return layers.get(key);
    };
    scene.edges.forEach((edge, i) => {
      if (graph.edges[i] || !crosses(bounds[i], self.window)) return;
      const parts = layer(`sg-edge sg-${edge.kind}`, edge.dst);
      for (const piece of edge.pieces) if (crosses(boundsOf([piece]), self.window)) parts["sg-line"].add(pathOf([clipped(piece, self.window)]));
      for (const [name, length] of [["tip", -7], ["back", 7]]) {
        if (edge[name] && crosses(boundsOf([edge[name]]), self.window)) parts[`sg-${name}`].add(arrow(edge[name], length));
      }
    });
    if (self.coarse) {
      for (const i of self.inside) {
        const { kind, x, y, w, h, root, grad: has } = scene.nodes[i];
        const name = `sg-far-node sg-${kind}${root ? " sg-root" : ""}${has ? " sg-has-grad" : ""}`;
        if (!graph.nodes[i]) layer(name, i)["sg-outline"].add(`M${x} ${y}h${w}v${h}h${-w}z`);
      }
    }
    far.replaceChildren();
    for (const [key, parts] of layers) {
      const group = shape("g", key, far);
      for (const [name, ds] of Object.entries(parts)) if (ds.size) shape("path", name, group, { d: [...ds].join("") });
    }
  };
  return self;
}

/** Give what has just been drawn the numbers, marks and words of what is shown. */
function dress(view) {
  const { graph } = view;
  const { state } = view.shown;
  if (state.values?.length === graph.nodes.length) patchGraph(view, state);
  graph.until = undefined;
  showUntil(view, view.stepper.step(), false);
  patchKept(view);
  view.comparer.show();
  view.shaper.show();
  view.cutter.show();
  markActive(graph);
  graph.nodes.forEach(({ group }, i) => group.setAttribute("aria-label", spoken(view, i)));
}

const crosses = (a, b) => a[0] <= b[2] && a[2] >= b[0] && a[1] <= b[3] && a[3] >= b[1];
const holds = (a, b) => a[0] <= b[0] && a[1] <= b[1] && a[2] >= b[2] && a[3] >= b[3];

function boundsOf(pieces) {
  const found = [Infinity, Infinity, -Infinity, -Infinity];
  for (const piece of pieces) {
    for (let i = 0; i < piece.length; i += 2) {
      if (piece[i] < found[0]) found[0] = piece[i];
      if (piece[i] > found[2]) found[2] = piece[i];
      if (piece[i + 1] < found[1]) found[1] = piece[i + 1];
      if (piece[i + 1] > found[3]) found[3] = piece[i + 1];
    }
  }
  return found;
}

/** A level line only as far as the window, so that many that run along it become one. */
function clipped(piece, [left, , right]) {
  if (piece.length > 4 || piece[1] !== piece[3]) return piece;
  return [Math.max(piece[0], Math.round(left)), piece[1], Math.min(piece[2], Math.round(right)), piece[3]];
}
