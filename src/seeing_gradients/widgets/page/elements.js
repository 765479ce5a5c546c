// Elements of the page, HTML and SVG, with their attributes and children.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/** @typedef {Record<string, string | number>} Attributes */

/**
 * @param {Element} element
 * @param {Attributes} attributes
 */
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
}

/**
 * A new HTML element with these attributes and children, not yet in the page.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function createHtml(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * A new SVG element with these attributes and children, not yet in the page.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} attributes
 * @param {...(Node | string)} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function createSvg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG_NAMESPACE, tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * Append a new HTML element of a CSS class to a parent.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Element} parent
 * @param {Tag} tag
 * @param {string} className
 */
export function addHtml(parent, tag, className = "") {
  const element = createHtml(tag, className ? { class: className } : {});
  parent.append(element);
  return element;
}

/**
 * Append a new SVG element of a CSS class to a parent.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Element} parent
 * @param {Tag} tag
 * @param {string} className
 * @param {Attributes} attributes
 */
export function addSvg(parent, tag, className = "", attributes = {}) {
  const element = createSvg(tag, className ? { class: className, ...attributes } : attributes);
  parent.append(element);
  return element;
}

/**
 * The position of a text: px from the parent's origin, font size, and SVG's text-anchor.
 * @typedef {[x: number, y: number, size: number | null, anchor: string]} TextPosition
 */

/**
 * Append an SVG text. If its position has no font size, the style sheet decides.
 * @param {Element} parent
 * @param {string} className
 * @param {TextPosition} position
 * @param {string} text
 */
export function addText(parent, className, [x, y, size, anchor], text = "") {
  const element = addSvg(parent, "text", className, { x, y, "text-anchor": anchor });
  if (size !== null) element.setAttribute("font-size", String(size));
  element.textContent = text;
  return element;
}

/**
 * Append an input with a label for screen readers.
 * @param {Element} parent
 * @param {string} type
 * @param {string} className
 * @param {string} label
 */
export function addInput(parent, type, className, label) {
  const field = addHtml(parent, "input", className);
  field.type = type;
  field.setAttribute("aria-label", label);
  return suppressShortcuts(field);
}

/**
 * Append a button; what it shows is up to the caller.
 * @param {Element} parent
 * @param {string} className
 * @param {() => void} action
 */
export function addButton(parent, className, action) {
  const button = suppressShortcuts(addHtml(parent, "button", className));
  button.type = "button";
  button.addEventListener("click", action);
  return button;
}

/**
 * Add a box whose content is laid out by itself: nothing around it is laid out again before its height changes, which
 * the box follows.
 * @param {Element} parent
 * @param {string} className of the content
 * @returns {HTMLDivElement} the content
 */
export function addAlone(parent, className) {
  const box = addHtml(parent, "div", "sg-alone");
  const content = addHtml(box, "div", className);
  new ResizeObserver(() => {
    box.style.height = `${content.offsetHeight}px`;
  }).observe(content);
  return content;
}

/**
 * Set the text of an element if it differs; return whether it did. A text that is there already is changed in place, which
 * costs the browser less than a new one.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  const { firstChild } = element;
  const isText = firstChild?.nodeType === Node.TEXT_NODE && !firstChild.nextSibling;
  if ((isText ? firstChild.nodeValue : element.textContent) === text) return false;
  if (isText && text) firstChild.nodeValue = text;
  else element.textContent = text;
  return true;
}

/**
 * Set an attribute if it differs: for a browser, an SVG shape whose path is written again has to be laid out again.
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/**
 * Keep the keys that an element needs: JupyterLab's command mode would take arrows and letters for itself.
 * @template {HTMLElement | SVGElement} Kind
 * @param {Kind} element
 */
export function suppressShortcuts(element) {
  element.dataset.lmSuppressShortcuts = "true";
  return element;
}
