// The part of anywidget's front-end module that our widgets use.

export interface Model<Traits> {
  get<Name extends keyof Traits & string>(name: Name): Traits[Name];
  set<Name extends keyof Traits & string>(name: Name, value: Traits[Name]): void;
  /** Send the traits that were set to Python. */
  save_changes(): void;
  /** Send a message to Python. */
  send(content: object): void;
  /** Listen to "change:trait", to several of these with spaces between them, or to "msg:custom". */
  on(event: string, listener: (...args: never[]) => void): void;
  off(event: string, listener: (...args: never[]) => void): void;
  /** Only the model of a recording has this: whether it can answer for a trait with this value. */
  offers?<Name extends keyof Traits & string>(name: Name, value: Traits[Name]): boolean;
}

export interface RenderProps<Traits> {
  model: Model<Traits>;
  el: HTMLElement;
}
