// What Python and the page of a verdict exchange.

export interface VerdictTraits {
  /** The card as HTML. */
  markup: string;
}

/** What the page sends when a hint is opened. */
export interface VerdictOpened {
  /** The number of the hint, 1 for the first. */
  opened: number;
}
