// The page's half of explore(): it draws what the kernel computed. Geometry and numbers come from Python; here are only
// elements, built once for each form of the graph, and patches of text.

const SVG = "http://www.w3.org/2000/svg";
const SMALLEST = 0.8; // of its natural size, to which a graph shrinks before it scrolls
const QUIET = 450; // ms without a change, after which a screen reader is told
const LABEL_CHARACTER = 7; // px of background a character of an edge's label
const CHECK_AFTER = 160; // ms without a change, after which a slow check is asked for
const REACH = 150; // positions to either side of a slider that are run ahead
const MOST_ASKED = 64; // positions in one question
const MOST_AHEAD = 700; // positions kept
const STEP = 1100; // ms that a step is shown while playing
const MOST_GRAPHS = 8; // drawings kept, for functions with branches
const CONFIRM = 100; // ms between the positions that the kernel is told of while what is shown was run ahead

function render({ model, el }) {
  const labels = model.get("labels");
  const root = make("div", "sg sg-widget sg-explore", el);
  root.lang = labels.language;
  const view = { model, labels, root, ...skeleton(root, labels) };
  view.ahead = { entries: new Map(), scenes: new Map(), aim: null, asked: false, off: false };
  view.graphs = new Map();
  view.moves = new Map(); // position -> when the sliders were last there, counted
  view.moved = 0;
  const clock = timers();
  view.clock = clock;
  view.stepper = stepper(view);
  view.rows = controlRows(view);
  view.keeper = keeper(view);
  view.cutter = cutter(view);
  view.comparer = comparer(view);
  view.shaper = shaper(view);
  view.jacobians = jacobianTable(view);
  view.plotter = plotter(view);

  const draw = () => {
    drawPresent(view);
    clock.later("announce", () => announce(view), QUIET);
    clock.later("check", () => askForCheck(view), CHECK_AFTER);
  };
  const drawSliders = () => {
    view.rows.forEach((row) => row.show(model.get("sliders")));
    if (view.shown && (isAhead(view) || isAnswered(view))) draw();
  };
  const drawState = () => {
    draw();
    lookAhead(view);
  };
  const receive = (message) => receiveAhead(view, message.ahead);

  const listeners = {
    "change:scene": draw,
    "change:state": drawState,
    "change:check": draw,
    "change:sliders": drawSliders,
    "change:cuts": view.cutter.show,
    "change:keeping": view.keeper.show,
    "change:plotting": view.plotter.draw,
    "change:plotted": view.plotter.answered,
    "msg:custom": receive,
  };
  for (const [name, listener] of Object.entries(listeners)) model.on(name, listener);
  drawSliders();
  view.keeper.show();
  draw();
  announce(view);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) model.off(name, listener);
    clearInterval(view.stepper.playing);
    view.plotter.stop();
    view.zoom?.stop();
    clock.stop();
    root.remove();
  };
}

export default { render };
