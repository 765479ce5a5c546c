// What Python and the page of secant exchange: the traits of the widget, each as JSON.

export interface SecantTraits {
  /** The step of the difference quotient. */
  h: number;
  precision: string;
  kind: string;
  spec: SecantSpec;
  shown: SecantShown;
}

/** What never changes. */
export interface SecantSpec {
  title: string;
  /** The curve of f, as path data in px of the frame. */
  curve: string;
  /** px of a frame: width, height. */
  size: number[];
  /** px around a frame: top, right, bottom, left. */
  margin: number[];
  /** Names across and up, for the curve and for the error. */
  axes: string[][];
  /** Ticks across and up, for the curve and for the error: share of the axis, 0 to 1, and text. */
  ticks: [number, string][][][];
  /** The smallest step. */
  lowest: number;
  /** Positions of the slider for each power of ten. */
  notches: number;
  precisions: string[];
  kinds: string[];
  labels: Record<string, string>;
}

/** The quotient: geometry as path data in px of a frame, numbers as text. */
export interface SecantShown {
  secant: string;
  tangent: string;
  ends: number[][];
  /** The error over the step, by precision. */
  curves: Record<string, string>;
  mark: number[] | null;
  rows: [string, string][];
  note: string;
  summary: string;
}
