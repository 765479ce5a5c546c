// What Python and the page of explore exchange: the traits of the widget and its messages, each as JSON.
// One key on each line, in the order of the TypedDicts in protocol.py.

import type { TextPosition } from "../../page/elements.js";
import type { Scale } from "../../page/scales.js";
import type { Shape } from "../../page/shapes.js";

export interface ExploreTraits {
  controls: Control[];
  labels: Labels;
  /** The position of the sliders, all numbers one after the other. */
  sliders: number[];
  /** The position to which reset returns. */
  home: number[];
  scene: Scene | PackedScene | NoScene;
  state: State;
  check: Check;
  /** The sequence number of the state whose check the page asks for. */
  check_requested: number;
  /** Keys of the modules that are open. */
  opened: string[];
  direction: "auto" | "right" | "down";
  /** px of the page for the graph. */
  graph_width: number;
  /** The edges that are cut. */
  cuts: EdgeKey[];
  saved_tensors: SavedTensorsChoice;
  extras: Extras;
  /** Whether what stands behind "more" is shown. */
  more_open: boolean;
  plot_choice: PlotChoice;
  plot_data: Plot;
  /** The input whose columns of the Jacobian are shown; "" for all. */
  jacobian_input: string;
  nudge_choice: NudgeChoice;
}

/** What not everyone needs, and where it stands: in the toolbar, behind "more", or nowhere, since it could not work. */
export interface Extras {
  saved: ExtraPlace;
  cut: ExtraPlace;
  keep: ExtraPlace;
  shapes: ExtraPlace;
  plot: ExtraPlace;
}

export type ExtraName = keyof Extras;
export type ExtraPlace = "shown" | "more" | "none";

/** One argument of f. */
export interface Control {
  name: string;
  kind: "number" | "integer" | "vector" | "switch" | "fixed";
  /** Whether it is v, with which backward begins. */
  is_v: boolean;
  /** The index of its first slider. */
  first: number;
  /** One for each slider, at least one. */
  labels: string[];
  /** What can be nudged: "w", "x[0]", or "x" for all elements of x together. */
  nudges: string[];
  low: number;
  high: number;
  step: number;
  /** Of a fixed argument. */
  text: string;
}

/** Every word of the page, in the lesson's language; fields in braces are filled in by the page. */
export interface Labels {
  input: string;
  value: string;
  gradient: string;
  check: string;
  check_long: string;
  agrees: string;
  differs: string;
  forward: string;
  backward: string;
  hint: string;
  saved: string;
  reset: string;
  fixed: string;
  printed: string;
  slider: string;
  number: string;
  graph: string;
  where: string;
  kind_leaf: string;
  kind_constant: string;
  kind_op: string;
  kind_detached: string;
  kind_module: string;
  kind_loop: string;
  round: string;
  round_before: string;
  round_after: string;
  bundle: string;
  steps: string;
  to_first: string;
  to_previous: string;
  play: string;
  pause: string;
  to_next: string;
  to_last: string;
  step_number: string;
  all_shown: string;
  source: string;
  close_group: string;
  zoom_in: string;
  zoom_out: string;
  zoom_fit: string;
  more: string;
  /** What can be done here. */
  tip: string;
  connector: string;
  direction_right: string;
  direction_down: string;
  /** Of f. */
  name: string;
  code: SourceCode | null;
  language: string;
  silent: string;
  plot: PlotLabels;
  saved_tensors: SavedTensorsLabels;
  cuts: CutLabels;
  tensor_previews: PreviewLabels;
  baseline: BaselineLabels;
  jacobian: JacobianLabels;
  nudge: NudgeLabels;
  search: SearchLabels;
}

/** The source of f. */
export interface SourceCode {
  /** The number of its first line. */
  first: number;
  lines: string[];
}

export interface PlotLabels {
  plot: string;
  none: string;
  along: string;
  over: string;
  derivative: string;
  log_axis: string;
  descent: string;
  steps_label: string;
  lr_label: string;
  keys: string;
  curve: string;
  contours: string;
  drawing: string;
  no_gradient: string;
  /** The name of what is plotted. */
  value: string;
}

export interface SavedTensorsLabels {
  saved_tensors: string;
  retain: string;
  twice: string;
  saves: string;
  /** The sign before a chip of each kind; none where a kind is missing. */
  signs: Record<string, string>;
}

export interface CutLabels {
  cut: string;
  cut_choose: string;
  cut_here: string;
  cut_restore: string;
}

export interface PreviewLabels {
  shapes: string;
  broadcast: string;
  thumbnail: string;
}

export interface BaselineLabels {
  compare: string;
  compare_end: string;
  baseline_run: string;
  numbers_of: string;
  was: string;
}

export interface JacobianLabels {
  jacobian: string;
  jacobian_weights: string;
  jacobian_sum: string;
  jacobian_gradient: string;
  jacobian_same: string;
  jacobian_other: string;
  jacobian_input: string;
  jacobian_all: string;
}

export interface NudgeLabels {
  start: string;
  end: string;
  about: string;
  input: string;
  step: string;
  step_name: string;
  flip: string;
  legend: string;
}

export interface SearchLabels {
  search: string;
  search_none: string;
  search_count: string;
}

/** Call, operation, and the argument or the arguments through which the edge enters it. */
export type EdgeKey = [call: number, operation: string, argument: number | number[]];

/** What stays while only numbers change: where everything is drawn, in px. */
export interface Scene {
  key: number;
  /** In which the graph runs. */
  direction: "right" | "down";
  width: number;
  height: number;
  nodes: SceneNode[];
  edges: SceneEdge[];
  /** Where edges between different rows are broken. */
  connectors: SceneConnector[];
  /** Path data from the point of an arrow head: of the forward one, of the backward one. */
  arrow_heads: string[];
  label: LabelForm;
  frames: SceneFrame[];
  /** [phase, node]. */
  steps: SceneStep[];
}

/** A circle with a number, at which the edges of a node to other rows end or go on. */
export interface SceneConnector {
  x: number;
  y: number;
  r: number;
  number: number;
  /** The node. */
  src: number;
  is_exit: boolean;
}

/** What all labels of edges have in common, px. */
export interface LabelForm {
  /** The box of a text of n characters is offset + rate * n wide, or as wide as its slot if that is narrower. */
  scale: Scale;
  /** Of the text, below the middle. */
  base_line: number;
}

export type SceneStep = [phase: "inputs" | "forward" | "backward" | "failed", node: number, round?: number];

/** A large scene. */
export interface PackedScene {
  key: number;
  /** JSON of a PackedContent. */
  packed: string;
}

/** Before f ran without an error. */
export interface NoScene {
  key?: undefined;
}

/** Positions in it are relative to the upper left corner of its outline. */
export interface SceneNode {
  id: number;
  /** Nodes that differ only in their position share a form. */
  form: number;
  x: number;
  y: number;
  kind: "leaf" | "constant" | "op" | "detached" | "module" | "loop";
  op: string;
  grad_fn: string | null;
  name: string | null;
  line: number | null;
  /** Whether f returned it. */
  root: boolean;
  w: number;
  h: number;
  /** How many characters of a value fit. */
  room: number;
  shape: (number | string)[];
  /** Names of what its backward node saves. */
  saved: string[];
  /** What is drawn below the texts, in this order. */
  shapes: Shape[];
  /** Texts that never change: class, x, y, size, anchor, text. */
  marks: [string, number, number, number, string, string][];
  value: TextPosition;
  grad: TextPosition | null;
  /** Whether several gradients are added here. */
  sum: boolean;
  /** Before the value of a constant. */
  prefix?: string;
  /** The key of the module or loop that it stands for. */
  group?: string;
  /** Of a folded loop. */
  rounds?: SceneRounds;
}

/** Where the rounds of a folded loop are shown: the middles of the columns of the first and of the chosen round. */
export interface SceneRounds {
  count: number;
  first: number;
  chosen: number;
  /** The base lines of the number of a round, its value and its gradient. */
  head: number;
  value: number;
  grad: number;
  has_grad: boolean;
  /** The round that is chosen at first, from 0; -1 if there is none between the first and the last. */
  default: number;
}

export interface SceneEdge {
  src: number;
  dst: number;
  kind: "flow" | "plain" | "cut";
  /** Lines (4 numbers) and cubic curves (8 numbers). */
  pieces: number[][];
  /** The point of the forward arrow head, and of the backward one. */
  tip: number[];
  back: number[] | null;
  /** Two strokes across a cut edge. */
  mark: number[] | null;
  /** The label of the gradient: middle, width, height; null where it is the gradient of the node. */
  slot: number[] | null;
  /** Characters for the label; a packed scene leaves it out. */
  room?: number;
  /** Of an edge that stands for several parallel ones. */
  bundle?: SceneBundle;
  /** What can be cut, and what it is called. */
  edge_key?: EdgeKey;
  cut_name?: string;
}

/** How many edges it is, and the key that opens it. */
export interface SceneBundle {
  count: number;
  key: string;
}

/** The frame around an open module. */
export interface SceneFrame {
  key: string;
  title: string;
  name: string;
  text: string;
  /** x, y, width, height of its part in each row; none where something else stands inside. */
  boxes: [number, number, number, number][];
  /** The first node in it. */
  first: number;
  nodes: number[];
}

/** The numbers of one position, as text. If f failed, those of the last good one; fewer if there is no good one yet. */
export interface State {
  sequence: number;
  /** Where the sliders stood. */
  position: number[];
  call: string;
  problem: Problem | null;
  printed: string;
  /** Whether the numbers are of this position; if not, `last_good_call` is the call that gave them. */
  fresh: boolean;
  /** Whether backward went through; if it stopped, nothing can be nudged, and there is no Jacobian. */
  complete?: boolean;
  last_good_call?: string | null;
  summary?: string;
  output?: string;
  /** The gradient of each row of the table; "-" for none. */
  gradients?: string[];
  /** Of each node all digits of value and gradient, and the terms of the gradient. */
  details?: ([string, string, string] | null)[];
  /** For each step what happens in it. */
  step_captions?: string[][];
  /** The key of the scene. */
  scene?: number;
  /** Of each node. */
  values?: string[];
  grads?: string[];
  /** Of each edge. */
  flows?: string[];
  /** Of each folded loop, by the id of its node: value and gradient of each round. */
  rounds?: Record<string, [value: string, grad: string][]>;
  /** The same with all digits, and with all variables of a round: name, value, gradient. */
  round_details?: Record<string, [name: string, value: string, grad: string][][]>;
  /** The node at which backward stopped, or -1. */
  failed?: number;
  point?: PlotPoint | null;
  jacobian?: Jacobian;
  /** Of each node, what its backward node saved: kind and text. */
  saved_tensors?: SavedTensorChip[][];
  /** The same as a sentence. */
  saved_sentences?: string[];
  memory?: string;
  /** For each chip the text before it was written to, and the node that wrote, or -1. */
  inplace_writes?: ([string, number] | null)[][];
  /** Of each node: of its value, of its gradient. */
  tensor_previews?: ([TensorPreview | null, TensorPreview | null] | null)[];
  /** Of each edge: the shape of what flows, and the shape to which it is broadcast or "". */
  shapes?: [string, string][];
  nudge?: Nudge;
}

/** One input moved by a small step: the real move of the output and the predicted one. */
export interface Nudge {
  input: string;
  step: number;
  sentence: string;
  verdict: string;
  reason: string;
  /** Whether the real and the predicted move part. */
  parts: boolean;
  /** Of each node its move, its gradient times that, and its description; none if f failed or the graph is another. */
  moves?: string[];
  products?: string[];
  details?: string[][];
  /** Of the moves of tensors; null for a single number and for what did not move. */
  previews?: (TensorPreview | null)[];
  /** Of each folded loop, by the index of its node: the move in each round. */
  rounds?: Record<string, string[]>;
  /** The nodes at which the moves part. */
  apart?: number[];
}

export type SavedTensorChip = [kind: "kept" | "freed" | "changed" | "packed" | "more", text: string];

export interface Problem {
  severity: "error" | "warning";
  text: string;
  code: string | null;
}

/** The elements of a tensor as bars. */
export interface TensorPreview {
  rows: number;
  /** Parts of the largest magnitude, -1 to 1; null for nan and infinity. */
  bars: (number | null)[];
  texts: string[];
  /** Whether these are not all elements. */
  part: boolean;
}

export interface Check {
  /** The sequence number of the state that was checked. */
  sequence?: number;
  /** Central difference of each row of the table, and "=" or "≠" or "". */
  cells?: [string, string][];
}

export interface NudgeChoice {
  /** One of the labels in `Control.nudges`; "" for no nudge. */
  input: string;
  step: number;
}

export interface SavedTensorsChoice {
  on: boolean;
  retain: boolean;
  twice: boolean;
}

/** Either a note why there is none, or all other keys. */
export interface Jacobian {
  /** Names of the inputs to choose from; the chosen one or "". */
  inputs: string[];
  input: string;
  note?: string;
  rows: string[];
  columns: string[];
  cells: string[][];
  /** The cells as parts of the largest, -1 to 1; null for nan and infinity. */
  parts: (number | null)[][];
  weights: string[];
  /** The weights as parts of the largest, 0 to 1. */
  lights: number[];
  sum: string[];
  grads: string[];
  /** Whether v^T J is what backward gave. */
  same: boolean;
  /** The columns at which the next input begins. */
  starts: number[];
}

export interface PlotChoice {
  /** Labels of one or two sliders; none for no plot. */
  inputs: string[];
  /** The logarithmic axes: 0 and 1 of the inputs, -1 of the value. */
  log: number[];
  derivative: boolean;
  /** Of gradient descent; 0 for none. */
  steps: number;
  lr: number;
}

/** What is plotted; {} or without a kind before there is anything. */
export interface Plot {
  sequence: number;
  position: number[];
  choice: PlotChoice;
  /** Whether there is nothing to refine. */
  done: boolean;
  kind?: "curve" | "contours";
  /** px. */
  width: number;
  height: number;
  /** Of contours: whether the name of the axis up is so short that it stands beside it, not above the frame. */
  name_beside?: boolean;
  name: string;
  axes: PlotInputAxis[];
  notes: string[];
  /** The vector of two elements over which it is plotted. */
  vector: string | null;
  /** Of a curve. */
  value?: PlotCurve | null;
  derivative?: PlotCurve | null;
  /** Of contours: shapes of the classes "finite", "band", "contour" and "level". */
  field?: Shape[] | null;
  empty?: boolean;
  descent?: PlotDescent | null;
}

export interface PlotAxis {
  name: string;
  low: number;
  high: number;
  log: boolean;
  scale: Scale;
  /** Share of the axis, 0 to 1, and text. */
  ticks: [number, string][];
}

export interface PlotInputAxis extends PlotAxis {
  /** The index of its slider. */
  slider: number;
}

export interface PlotCurve {
  axis: PlotAxis;
  /** Path data. */
  d: string;
  /** Where the curve ends at a jump: x, y, and whether the function takes that value. */
  ends: [number, number, boolean][];
  height: number;
}

export interface PlotDescent {
  /** Where it began. */
  start: number[];
  /** Inputs and value of each step. */
  points: (number | null)[][];
}

/** The value and the slopes at a position, as numbers and as texts; and how slopes are drawn. */
export interface PlotPoint {
  y: number | null;
  slopes: (number | null)[];
  texts: string[];
  /** Of the vector. */
  norm?: string;
  /** Of a curve: the values of the tangent at equal distances along the axis, where they are finite. */
  tangent?: (number | null)[];
  /** Of contours: the gradient as lines of points, shaft and head, px of the plot; none where there is no gradient. */
  arrow?: [x: number, y: number][][];
}

/** Positions at which f ran before a slider got there. */
export interface AheadAnswer {
  /** Whether everything that was run ahead is out of date. */
  forget?: boolean;
  entries?: AheadEntry[];
  scenes?: Scene[];
  /** Whether f is not run ahead at all. */
  off?: boolean;
}

export interface AheadEntry {
  position: number[];
  /** null if the page should not ask again. */
  state: State | null;
  cells: [string, string][] | null;
}

/** A module or a named node that a search can find. */
export interface SearchEntry {
  name: string;
  /** Its class or operation. */
  text: string;
  /** Keys of the modules that must be open for it to be seen, outermost first. */
  opens: string[];
  /** The key of a module. */
  group?: string;
  /** The name of a node in its scene. */
  node?: string;
}
