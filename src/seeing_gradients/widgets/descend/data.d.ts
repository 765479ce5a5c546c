// What Python and the page of descend exchange: the traits of the widget, each as JSON.

import type { Scale } from "../page/scales.js";
import type { Shape } from "../page/shapes.js";

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
  /** Contours or a curve, in px of the frame, without their numbers. */
  field: Shape[];
  shown: DescendShown;
  /** How often Python has answered. */
  answered: number;
}

/** What never changes. */
export interface DescendSpec {
  title: string;
  /** Across and up. */
  axes: (DescendAxis & { scale: Scale })[];
  sliders: DescendAxis[];
  lr: DescendAxis;
  /** px of the frame. */
  width: number;
  height: number;
  /** px around the frame: top, right, bottom, left. */
  margin: number[];
  /** The axes. */
  frame: Shape[];
  /** px of the loss over the steps: width, height. */
  loss_by_step_size: number[];
  max_steps: number;
  /** Intervals of the learning rate's slider; its middle is the initial one. */
  rate_notches: number;
  labels: Record<string, string>;
}

export interface DescendAxis {
  name: string;
  low: number;
  high: number;
  value: number;
  step: number;
}

/** The descent: shapes in px of the frame, numbers as text. */
export interface DescendShown {
  /** Numbers of contour lines, the path, the present point, its gradient, the next step and, always, the "start". */
  marks: Shape[];
  /** Path data of the loss over the steps. */
  loss_by_step: string;
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

export interface DescendRow {
  name: string;
  value: string;
  grad: string;
}
