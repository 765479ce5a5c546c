// What the modules of the page share: the widget's parts, and what of the graph is drawn.

import type { Model } from "../../page/anywidget.js";
import type { createSilence } from "../../page/silence.js";
import type { Timers } from "../../page/timers.js";
import type { createAhead } from "./ahead.js";
import type { createBaseline } from "./baseline.js";
import type { createControls } from "./controls.js";
import type { createCuts } from "./cuts.js";
import type { ExploreTraits, Labels, Scene, SceneConnector, SceneEdge, SceneNode, SearchEntry, State } from "./data.js";
import type { createDirectionButton } from "./direction.js";
import type { createExtras } from "./extras.js";
import type { createJacobian } from "./jacobian.js";
import type { createLayout } from "./layout.js";
import type { createNudge } from "./nudge.js";
import type { createPlot } from "./plot.js";
import type { createPreviews } from "./previews.js";
import type { createSavedTensors } from "./saved-tensors.js";
import type { createSearch } from "./search.js";
import type { createElements } from "./skeleton.js";
import type { createStepper } from "./stepper.js";
import type { StepTimes } from "./steps.js";
import type { createTip } from "./tip.js";
import type { createViewport } from "./viewport.js";
import type { createZoom } from "./zoom.js";

/** One widget in the page. */
export interface View {
  model: Model<ExploreTraits>;
  labels: Labels;
  /** The element of the whole widget. */
  widget: HTMLElement;
  elements: ReturnType<typeof createElements>;
  timers: Timers;
  ahead: ReturnType<typeof createAhead>;
  shown: Content;
  /** The graph that is drawn; null where there is none to draw. */
  graph: Graph | null;
  /** Graphs that were drawn, by the key of their scene. */
  graphs: Map<number, Graph>;
  /** When the sliders were last at a position, counted in moves. */
  moves: Map<string, number>;
  moveCount: number;
  /** When a slider moved last, ms. */
  lastMove: number;
  /** When the first move was made that the kernel was not told of, ms; Infinity if it was told of all. */
  unconfirmedSince: number;
  kernelScene?: { received: ExploreTraits["scene"]; scene: Scene };
  /** The rounds that the learner chose, by the key of the loop. */
  chosenRounds: Map<string, number>;
  /** The module or loop that the learner just opened or closed, or what a search found in a closed one. */
  focusedModule: FocusTarget | null;
  /** The last run that was announced to screen readers. */
  announced: string | null;
  /** The rows of the table of controls. */
  rows: ReturnType<typeof createControls>;
  silence: ReturnType<typeof createSilence>;
  stepper: ReturnType<typeof createStepper>;
  savedTensors: ReturnType<typeof createSavedTensors>;
  cuts: ReturnType<typeof createCuts>;
  baseline: ReturnType<typeof createBaseline>;
  previews: ReturnType<typeof createPreviews>;
  jacobian: ReturnType<typeof createJacobian>;
  plot: ReturnType<typeof createPlot>;
  nudge: ReturnType<typeof createNudge>;
  extras: ReturnType<typeof createExtras>;
  layout: ReturnType<typeof createLayout>;
  tip: ReturnType<typeof createTip>;
  /** Missing until there is a graph. */
  direction?: ReturnType<typeof createDirectionButton>;
  zoom?: ReturnType<typeof createZoom>;
  /** Tell the kernel how wide the page is for the graph. */
  reportWidth?: () => void;
  search?: ReturnType<typeof createSearch>;
}

export interface FocusTarget {
  opened?: string;
  closed?: string;
  match?: SearchEntry;
  /** A node of the scene. */
  index?: number;
}

export interface Content {
  state: State;
  scene: Scene;
  /** Of the check. */
  cells: [string, string][] | undefined;
  /** Whether the check is of this state. */
  isChecked: boolean;
}

/**
 * A scene that was drawn. The lists of nodes and edges of a large one have gaps: forEach visits those that are drawn,
 * length counts all.
 */
export interface Graph {
  svg: SVGSVGElement;
  /** Where edges are drawn, and above them their labels. */
  lines: SVGGElement;
  tags: SVGGElement;
  /** Above everything: the labels that are shown for now, and what they say. */
  overlay: SVGGElement;
  labelled: string;
  nodes: DrawnNode[];
  edges: DrawnEdge[];
  connectors: DrawnConnector[];
  /** The node with the focus or the pointer, or -1. */
  active: number;
  /** The edge under the pointer, or -1. */
  pointed: number;
  /** The node that was scrolled to last, or -1. */
  scrolledTo: number;
  /** Of a large graph. */
  viewport: ReturnType<typeof createViewport> | null;
  times: StepTimes;
  /** The step that is drawn; undefined where the graph is as it was built. */
  step?: number;
  hasSavedTensors: boolean;
  hasNudge: boolean;
  hasFailed: boolean;
}

export interface DrawnNode {
  node: SceneNode;
  group: SVGGElement;
  value: SVGTextElement;
  grad: SVGTextElement | null;
  /** Of a folded loop. */
  rounds: DrawnRounds | null;
  /** The saved tensors below it, and the key of what they show. */
  saved?: SVGTextElement;
  savedKey?: string;
  /** What a nudge predicts, below it. */
  product?: SVGTextElement;
  /** The strips beside value and gradient. */
  valueBars?: SVGPathElement;
  gradBars?: SVGPathElement;
}

/** The texts of the first round of a folded loop, and of the chosen one with its number; the last stands in the node's own. */
export interface DrawnRounds {
  first: { value: SVGTextElement; grad: SVGTextElement | null };
  chosen: { value: SVGTextElement; grad: SVGTextElement | null } | null;
  number: SVGTextElement | null;
}

export interface DrawnEdge {
  edge: SceneEdge;
  group: SVGGElement;
  label: DrawnLabel | null;
  shape?: SVGTextElement;
}

export interface DrawnConnector {
  connector: SceneConnector;
  group: SVGGElement;
}

/** The label of the gradient that flows along an edge. */
export interface DrawnLabel {
  tag: SVGGElement;
  box: SVGRectElement;
  text: SVGTextElement;
  slot: number[];
}
