// ---- pan and zoom, for graphs larger than their box: the picture is only moved and scaled, never laid out anew ----

const LEAST_SCALE = 0.05;
const MOST_SCALE = 3;
const SCALE_STEP = 1.25;
const AT_REST = 160; // ms after the last turn of the wheel, when the picture is drawn sharp at its new size
const DRAG_FROM = 4; // px of movement that make a press a drag

function zoomer(view, box, tools) {
  const self = { scale: null }; // null: as wide as the box, if that is not too small to read
  let frame = 0;
  let resting = 0;
  let wanted = null; // [scale, x, y, moving]: what the next frame shows
  const scene = () => view.shown.scene;
  const now = () => view.graph.svg.getBoundingClientRect().width / scene().width;

  const buttons = make("div", "sg-zooms", tools);
  const button = (sign, label, action) => {
    const made = make("button", "sg-icon", buttons);
    made.type = "button";
    made.title = label;
    made.setAttribute("aria-label", label);
    suppressShortcuts(made);
    const svg = shape("svg", "", made, { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
    shape("path", "sg-zoom-sign", svg, { d: sign });
    made.addEventListener("click", action);
  };

  self.size = (svg, of) => {
    Object.assign(svg.style, { willChange: "", transform: "" });
    svg.style.width = self.scale === null ? fittingWidth(of.width) : `${of.width * self.scale}px`;
  };
  /** Whether the graph is larger than its box; small ones are left alone. */
  self.overflows = () => box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1;
  self.refresh = () => {
    const large = self.scale !== null || self.overflows();
    buttons.hidden = !large;
    box.classList.toggle("sg-pans", self.overflows());
  };
  const apply = () => {
    frame = 0;
    const [scale, x, y, moving] = wanted;
    wanted = null;
    if (!view.graph) return;
    const ratio = (scale ?? 1) / now();
    const [left, top] = [box.scrollLeft + x, box.scrollTop + y];
    self.scale = scale;
    clearTimeout(resting);
    if (moving) {
      const { svg } = view.graph;
      Object.assign(svg.style, { willChange: "transform", transform: `scale(${(scale * scene().width) / svg.clientWidth})` });
      resting = setTimeout(rest, AT_REST);
    } else rest();
    if (scale !== null) {
      box.scrollLeft = left * ratio - x;
      box.scrollTop = top * ratio - y;
    }
    view.graph.sight?.update();
  };
  const rest = () => {
    if (!view.graph) return;
    const [left, top] = [box.scrollLeft, box.scrollTop];
    self.size(view.graph.svg, scene());
    box.scrollTo(left, top);
    self.refresh();
  };
  self.to = (scale, x = box.clientWidth / 2, y = box.clientHeight / 2, moving = false) => {
    wanted = [scale === null ? null : Math.min(Math.max(scale, LEAST_SCALE), MOST_SCALE), x, y, moving];
    frame ||= requestAnimationFrame(apply);
  };
  self.by = (factor, x, y, moving) => self.to((wanted?.[0] ?? now()) * factor, x, y, moving);
  /** All of it at once; once more: as it was at first. */
  self.fit = () => {
    const height = parseFloat(getComputedStyle(box).maxHeight) || box.clientHeight;
    const whole = Math.max(Math.min(box.clientWidth / scene().width, height / scene().height, 1), LEAST_SCALE);
    self.to(self.scale !== null && Math.abs(self.scale - whole) < 1e-3 ? null : whole);
  };
  self.stop = () => {
    cancelAnimationFrame(frame);
    clearTimeout(resting);
  };

  const { labels } = view;
  button("M3 8h10", labels.zoom_out, () => self.by(1 / SCALE_STEP));
  button("M3 8h10M8 3v10", labels.zoom_in, () => self.by(SCALE_STEP));
  button("M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10", labels.zoom_fit, self.fit);
  box.addEventListener("keydown", (event) => zoomKeys(self, event));
  box.addEventListener("wheel", (event) => zoomWheel(self, box, event), { passive: false });
  panByDragging(self, box);
  pinch(self, box);
  new ResizeObserver(() => {
    self.refresh();
    view.graph?.sight?.update();
  }).observe(box);
  return self;
}

function zoomKeys(zoom, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const action = { "+": () => zoom.by(SCALE_STEP), "=": () => zoom.by(SCALE_STEP), "-": () => zoom.by(1 / SCALE_STEP), 0: zoom.fit }[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

// A plain wheel scrolls the notebook; a pinch on a touchpad comes as a wheel with ctrl.
function zoomWheel(zoom, box, event) {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  const { left, top } = box.getBoundingClientRect();
  const lines = event.deltaMode === 1 ? 16 : 1;
  zoom.by(Math.exp(-Math.max(-60, Math.min(60, event.deltaY * lines)) * 0.006), event.clientX - left, event.clientY - top, true);
}

function panByDragging(zoom, box) {
  let start = null;
  let frame = 0;
  box.addEventListener("pointerdown", (event) => {
    const inside = event.offsetX < box.clientWidth || event.target !== box; // not on a scroll bar
    if (event.button || event.pointerType === "touch" || !inside || !zoom.overflows()) return;
    start = { x: event.clientX, y: event.clientY, left: box.scrollLeft, top: box.scrollTop, drags: false };
  });
  box.addEventListener("pointermove", (event) => {
    if (!start) return;
    const [dx, dy] = [event.clientX - start.x, event.clientY - start.y];
    if (!start.drags) {
      if (Math.hypot(dx, dy) < DRAG_FROM) return;
      start.drags = true;
      box.setPointerCapture(event.pointerId);
      box.classList.add("sg-panning");
    }
    const { left, top } = start;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => box.scrollTo(left - dx, top - dy));
  });
  const end = () => {
    if (start?.drags) {
      box.addEventListener("click", (event) => event.stopPropagation(), { capture: true, once: true });
      setTimeout(() => box.classList.remove("sg-panning"));
    }
    start = null;
  };
  for (const event of ["pointerup", "pointercancel"]) box.addEventListener(event, end);
}

function pinch(zoom, box) {
  const fingers = new Map();
  let apart = 0;
  const distance = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  const note = (event) => fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  box.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch") return;
    note(event);
    if (fingers.size === 2) apart = distance();
  });
  box.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    note(event);
    if (fingers.size !== 2 || !apart) return;
    const [a, b] = [...fingers.values()];
    const { left, top } = box.getBoundingClientRect();
    zoom.by(distance() / apart, (a.x + b.x) / 2 - left, (a.y + b.y) / 2 - top, true);
    apart = distance();
  });
  for (const event of ["pointerup", "pointercancel", "pointerleave"]) {
    box.addEventListener(event, ({ pointerId }) => {
      fingers.delete(pointerId);
    });
  }
}
