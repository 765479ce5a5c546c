// ---- tensors: their elements as a strip of bars below the text, exact on demand; shapes on the edges ----

const STRIP = 14; // px high
const WIDEST_BAR = 12; // px

function shaper(view) {
  const { model, labels, kept, root } = view;
  const label = make("label", "sg-choice sg-shapes-choice", null);
  kept.before(label);
  const box = input(label, "checkbox", "sg-switch", labels.strips.shapes);
  make("span", "", label).textContent = labels.strips.shapes;
  box.addEventListener("change", () => {
    root.classList.toggle("sg-with-shapes", box.checked);
    self.show();
  });
  const self = {
    show() {
      const { graph } = view;
      const { state } = view.shown;
      label.hidden = !state.shapes?.length;
      if (!graph || state.values?.length !== graph.nodes.length) return;
      if (state.strips?.length) graph.nodes.forEach((drawn, i) => patchStrips(drawn, state.strips[i]));
      if (box.checked && state.shapes?.length) graph.edges.forEach((drawn, i) => patchShape(graph.edges, drawn, state.shapes[i], labels.strips));
    },
  };
  return self;
}

/** Where a tensor's numbers have no room in its node, its shape stands there and a strip of its elements. */
function patchStrips(drawn, strips) {
  for (const [n, line] of ["value", "grad"].entries()) {
    const place = drawn.node[line];
    const text = drawn[line];
    if (!place || !text) continue;
    const strip = strips?.[n];
    const summary = /^(. )(\([\d, ]*\))/.exec(text.textContent);
    const d = strip && summary ? besides(strip, summary[0], place, drawn.node, text) : "";
    if (!d && text.getAttribute("text-anchor") !== place[3]) setPlace(text, place[0], place[3]);
    if (!d && !drawn.strips?.[n]) continue;
    const path = ((drawn.strips ??= [])[n] ??= shape("path", `sg-bars sg-bars-${line}`, drawn.group));
    if (path.getAttribute("d") !== d) path.setAttribute("d", d);
  }
}

function besides(strip, words, [x, y], node, text) {
  const room = node.kind === "op" || node.kind === "detached" ? node.w - node.h - 18 : node.w - 20;
  const taken = LABEL_CHARACTER * words.length + 6;
  if (room - taken < 18) return "";
  setText(text, words);
  setPlace(text, x - room / 2, "start");
  return barsOf(strip, x - room / 2 + taken, y - 4.5, room - taken);
}

function setPlace(text, x, anchor) {
  text.setAttribute("x", x);
  text.setAttribute("text-anchor", anchor);
}

/** One bar an element, up for positive, down for negative, a full one for nan and infinity; a gap between rows. */
function barsOf({ rows, bars }, left, middle, room) {
  const columns = bars.length / rows;
  const step = Math.min(WIDEST_BAR, room / (bars.length + 0.7 * (rows - 1)));
  const width = Math.max(step * 0.8, 0.6);
  return bars
    .map((part, i) => {
      const at = round(left + step * (i + 0.7 * Math.floor(i / columns)));
      if (part === null) return `M${at} ${middle - STRIP / 2}h${round(width)}v${STRIP}h${round(-width)}z`;
      const height = Math.max((Math.abs(part) * STRIP) / 2, 0.5);
      return `M${at} ${round(middle)}h${round(width)}v${round(part < 0 ? height : -height)}h${round(-width)}z`;
    })
    .join("");
}

const round = (x) => Math.round(x * 10) / 10;

function patchShape(edges, drawn, [own, spread], words) {
  const text = spread ? `${own} ⇢ ${spread}` : own;
  if (!drawn.shape) {
    const line = drawn.group.querySelector(".sg-line");
    const [x, y] = drawn.edge.slot ?? middleOf(line);
    const [above, below] = drawn.edge.slot ? [-1, 1].map((side) => isCrowded(edges, drawn.edge, side)) : [];
    if (above && below) return; // between two others; where they lead, they tell the same shape
    drawn.shape = write(drawn.group, "sg-shape", [x, above ? y + 18 : y - 10, 10.5, "middle"]);
  }
  drawn.shape.classList.toggle("sg-spread", Boolean(spread));
  if (setText(drawn.shape, text) && spread) {
    shape("title", "", drawn.shape).textContent = words.broadcast.replace("{shape}", own).replace("{whole}", spread);
  }
}

/** Whether the number of another edge stands just above (-1) or below (1) that of an edge. */
function isCrowded(edges, edge, side) {
  const [x, y, w] = edge.slot;
  return edges.some(({ edge: other }) => {
    const [u, v, width] = other.slot ?? [];
    const away = side * (v - y);
    return away > 4 && away < 30 && Math.abs(u - x) < (w + width) / 2;
  });
}

function middleOf(line) {
  const { x, y } = line.getPointAtLength(line.getTotalLength() / 2);
  return [x, y];
}

/** The elements of a node's tensors as tables, for the detail below the graph. */
function tensorTables(view, i) {
  const { state } = view.shown;
  return (state.strips?.[i] ?? []).flatMap((strip, n) => (strip ? [tensorTable(view, strip, n ? "sg-backward" : "sg-forward")] : []));
}

function tensorTable(view, { rows, bars, texts, part }, kind) {
  const table = make("table", `sg-cells ${kind}`, null);
  const columns = bars.length / rows;
  for (let r = 0; r < rows; r += 1) {
    const line = make("tr", "", table);
    for (let c = 0; c < columns; c += 1) {
      const k = r * columns + c;
      const cell = make("td", bars[k] < 0 ? "sg-below" : "", line);
      cell.textContent = texts[k];
      cell.style.setProperty("--sg-part", `${Math.round(Math.abs(bars[k] ?? 1) * 45)}%`);
    }
  }
  if (part) make("caption", "", table).textContent = view.labels.strips.thumbnail;
  return table;
}
