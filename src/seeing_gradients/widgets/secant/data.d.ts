// What Python and the page of secant exchange: the traits of the widget, each as JSON.

import type { Shape } from "../page/shapes.js";

export interface SecantTraits {
  /** How often Python has answered. */
  answered: number;
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
  /** px of a frame: width, height. */
  size: number[];
  /** px around a frame: top, right, bottom, left. */
  margin: number[];
  /** What never changes in the plot of the curve and in that of the error. */
  background: Shape[][];
  /** The smallest step. */
  lowest: number;
  /** Positions of the slider for each power of ten. */
  notches: number;
  precisions: string[];
  kinds: string[];
  labels: Record<string, string>;
}

/** The quotient: shapes in px of a frame, numbers as text. */
export interface SecantShown {
  /** What is drawn in the plot of the curve and in that of the error. */
  marks: Shape[][];
  rows: [string, string][];
  note: string;
  summary: string;
}
