// What Python and the page of watch exchange: the traits of the widget, each as JSON. protocol.py declares the same.

import type { Shape } from "../page/shapes.js";

export interface WatchTraits {
  spec: WatchSpec;
  shown: WatchShown;
  /** The number that stands for the value of each choice; of a menu the index of the option. */
  choices: Record<string, number>;
  /** The index of the snapshot that is shown; -1 for the last one. */
  position: number;
  /** Whether the run before is shown beside this one. */
  baseline: boolean;
  /** The model of the explorer, "IPY_MODEL_...", or null. */
  explorer: string | null;
  /** The step that is open in it; -1 if none is. */
  opened_step: number;
}

/** What never changes. */
export interface WatchSpec {
  title: string;
  controls: WatchControl[];
  measures: string[];
  labels: Record<string, string>;
}

/** A choice: a slider (integer, number), a menu, or a switch. */
export interface WatchControl {
  name: string;
  kind: string;
  low: number;
  high: number;
  log: boolean;
  options: string[];
}

/** What there is to see: the run, and the one that it is compared with. */
export interface WatchShown {
  /** Of the training; each new choice begins another one. */
  sequence: number;
  /** Whether more steps follow. */
  is_training: boolean;
  panels: WatchPanel[];
  /** An error that stopped the training, or "". */
  problem: string;
}

/** One run. */
export interface WatchPanel {
  /** Its choices. */
  caption: string;
  /** The step of each snapshot. */
  steps: number[];
  /** Where each snapshot lies, from 0 to 1000. */
  shares: number[];
  /** How many steps were taken, of `total`. */
  done: number;
  total: number;
  /** The step at the right end of the time axis, which all panels share. */
  last: number;
  loss: WatchLoss;
  rows: WatchRow[];
  links: WatchLink[];
  /**
   * Whether the input enters the first row, the output of each row the next one, and that of the last row the output;
   * [] if that is unknown.
   */
  chained: boolean[];
  measures: Record<string, WatchMeasure>;
  boundary?: WatchBoundary;
  /** Whether each snapshot can be opened in the explorer, "1" or "0". */
  openable: string;
  /** Where a nan began; "" if nowhere. */
  trouble: string;
  /** The index of its row, or -1. */
  trouble_row: number;
  notes: string[];
  /** A sentence on the time that watching took, once the run is over. */
  cost: string;
}

/** The loss over the steps: shapes in a box of 1000 x 100. */
export interface WatchLoss {
  curve: Shape[];
  /** Share of the height, text. */
  ticks: [number, string][];
  /** Of each snapshot. */
  texts: string[];
}

/** A module, or a block of modules. */
export interface WatchRow {
  path: string;
  kind: string;
  shape: string;
}

/** A connection that is not from a row to the next one. */
export interface WatchLink {
  /** The number of its row; -1 for the model's input. */
  source: number;
  /** The number of its row; the number of rows for the model's output. */
  target: number;
  /** The distance of its bracket from the rows, from 0. */
  lane: number;
  text: string;
}

/** One of the measures: gradient, update, spread, dead. */
export interface WatchMeasure {
  lines: WatchLine[];
  low: string;
  high: string;
}

/** A line of a measure over the steps. */
export interface WatchLine {
  /** The index of its row. */
  row: number;
  name: string;
  /** The number of each snapshot. */
  texts: string[];
  /** A character for each snapshot: "0" to "8", "z" for exactly 0, "x" for nan and inf, "-" for none. */
  shades: string;
  /** The shades over time, in a box of 1000 x 10. */
  track: Shape[];
}

/** What a model of two inputs makes of the plane. */
export interface WatchBoundary {
  /** Width and height, px, with the axes. */
  size: number[];
  /** Of the frame, px. */
  offset: number[];
  axes: Shape[];
  points: Shape[];
  /** The shapes of some snapshots. */
  frames: Shape[][];
  /** The index of the frame of each snapshot. */
  frame_of: number[];
  classes: string[];
}
