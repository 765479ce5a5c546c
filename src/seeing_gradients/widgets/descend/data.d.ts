// What Python and the page of descend exchange: the traits of the widget, each as JSON.

export interface DescendTraits {
  /** Where the descent begins: one number or two, in the order of the axes. */
  start: number[];
  /** The learning rate. */
  lr: number;
  /** The other numbers, by name. */
  values: Record<string, number>;
  /** How many steps are asked for; fewer are taken where f fails or diverges. */
  steps: number;
  spec: DescendSpec;
  field: DescendField;
  shown: DescendShown;
}

/** What never changes. */
export interface DescendSpec {
  title: string;
  /** Across and up. */
  axes: DescendAxis[];
  sliders: DescendAxis[];
  lr: DescendAxis;
  /** px of the frame. */
  width: number;
  height: number;
  /** px around the frame: top, right, bottom, left. */
  margin: number[];
  /** Ticks across and up: share of the axis, 0 to 1, and text. */
  ticks: [number, string][][];
  /** px of the loss over the steps: width, height. */
  history_size: number[];
  max_steps: number;
  labels: Record<string, string>;
}

export interface DescendAxis {
  name: string;
  low: number;
  high: number;
  value: number;
  step: number;
}

/** Contours or a curve, as path data in px of the frame. */
export interface DescendField {
  /** Where f is finite. */
  ground: string;
  bands: string[];
  lines: string[];
  /** x, y, text. */
  labels: [number, number, string][];
}

/** The descent: geometry in px of the frame, numbers as text. */
export interface DescendShown {
  start: number[];
  path: string;
  dots: string;
  point: number[] | null;
  arrow: string | null;
  /** Where the next step leads. */
  ghost: DescendGhost | null;
  history: string;
  rows: DescendRow[];
  loss: string;
  rule: string[];
  formulas: string[];
  count: string;
  note: string;
  summary: string;
  /** How many steps were taken. */
  reached: number;
  /** Whether the note is a warning. */
  trouble: boolean;
}

export interface DescendGhost {
  line: string;
  end: number[] | null;
}

export interface DescendRow {
  name: string;
  value: string;
  grad: string;
}
