// ---- elements ----

function make(tag, name, parent) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  parent?.append(element);
  return element;
}

function shape(tag, name, parent, attributes = {}) {
  const element = document.createElementNS(SVG, tag);
  element.setAttribute("class", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent?.append(element);
  return element;
}

function write(parent, name, [x, y, size, anchor]) {
  return shape("text", name, parent, { x, y, "font-size": size, "text-anchor": anchor });
}

function setText(element, text) {
  if (element.textContent === text) return false;
  element.textContent = text;
  return true;
}

function pathOf(pieces) {
  let at = "";
  return pieces
    .map((piece) => {
      const start = `${piece[0]} ${piece[1]}`;
      const d = `${start === at ? "" : `M${start}`}${piece.length === 4 ? "L" : "C"}${piece.slice(2).join(" ")}`;
      at = piece.slice(-2).join(" ");
      return d;
    })
    .join("");
}

/** An arrow head from its point, `length` px to the right or, below 0, to the left. */
function arrow([x, y], length) {
  return `M${x} ${y}l${length} -4v8Z`;
}

function strokes([x0, y0, x1, y1, x2, y2, x3, y3]) {
  return `M${x0} ${y0}L${x1} ${y1}M${x2} ${y2}L${x3} ${y3}`;
}

function timers() {
  const running = new Map();
  return {
    later(name, action, delay) {
      clearTimeout(running.get(name));
      running.set(name, setTimeout(action, delay));
    },
    /** Do it after the delay, unless it is going to be done by then anyway. */
    within(name, action, delay) {
      if (running.has(name)) return;
      running.set(name, setTimeout(() => { running.delete(name); action(); }, delay));
    },
    drop(name) {
      clearTimeout(running.get(name));
      running.delete(name);
    },
    stop() {
      for (const timer of running.values()) clearTimeout(timer);
    },
  };
}
