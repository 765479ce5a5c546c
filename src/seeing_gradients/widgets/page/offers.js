// Whether a widget can show a choice: with a kernel always, from a recording where it was recorded. No elements.

/** @import { Model } from "./anywidget" */

/**
 * @template Traits
 * @template {keyof Traits & string} Name
 * @param {Model<Traits>} model
 * @param {Name} name of the trait
 * @param {Traits[Name]} value that it would get
 */
export function offers(model, name, value) {
  return model.offers?.(name, value) ?? true;
}
