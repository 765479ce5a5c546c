// What Python puts into a recording; recording.py and packing.py declare the same.

export interface RecordingData {
  kind: "explore" | "descend" | "secant" | "watch" | "predict";
  /** What was recorded, in words. */
  title: string;
  language: string;
  /** Of the widget, as they are at first. */
  traits: Record<string, unknown>;
  /** Names of the traits that are choices. */
  settings: string[];
  /** Of each slider: low end, high end, whether it is logarithmic. */
  scales: [number, number, boolean][];
  /** Of each slider. */
  names: string[];
  /** The first has the choices of `traits`. */
  variants: Variant[];
  texts: PackedTexts;
  /** Of an explorer: the key of a scene, and the index of its text. */
  scenes: Record<string, number>;
  /** Of a scene that does not fit a telephone: its width, px, and the key of one that does. */
  narrow: Record<string, [width: number, key: number]>;
  labels: Record<"note" | "moved" | "not_recorded", string>;
}

/** What was recorded with certain choices. */
export interface Variant {
  /** Those that differ from `traits`. */
  settings: Record<string, unknown>;
  positions: number[][];
  /** Of each position the indices of its texts. */
  contents: number[][];
}

export interface PackedTexts {
  /** Pieces of text, and between them the indices of columns. */
  templates: (string | number)[][];
  /** Of each template: numbers with spaces between them. */
  columns: string[][];
  /** Of each text its template; the texts of one template are its rows in this order. */
  texts: number[];
}

/** Every reply to a prediction; predict/widget.py declares the same. */
export interface PredictReplies {
  actual: number;
  actual_text: string;
  /** -1 where no answer is near the result. */
  tolerance: number;
  recorded: string;
  skipped: string;
  unanswered: string;
  same: string;
  near: string;
  other: string;
  why: string;
  problem: string;
  /** A sentence about a comma before three digits. */
  ambiguous: string;
}
