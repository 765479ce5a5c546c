// What Python and the page of predict exchange: the traits of the widget, each as JSON.

export interface PredictTraits {
  /** How often Python has answered. */
  answered: number;
  card: PredictCard;
  state: PredictState;
  sent: PredictSent;
}

/** The question, which never changes. */
export interface PredictCard {
  id: string;
  kind: "number" | "choice" | "slider";
  question: string;
  code: string;
  options: string[];
  low: number;
  high: number;
  step: number;
  labels: Record<string, string>;
  language: string;
}

export interface PredictState {
  stage: "open" | "recorded" | "skipped" | "compared";
  text: string;
  why: string;
  problem: string;
}

/** What the learner pressed. */
export interface PredictSent {
  action: "record" | "skip" | "compare";
  /** Text of a number, or the index of an option. */
  answer: string | number | null;
  /** Differs each time, so that the same answer counts twice. */
  count: string;
}
