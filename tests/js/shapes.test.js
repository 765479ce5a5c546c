import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { createShape, showShapes } from "../../src/seeing_gradients/widgets/page/shapes.js";

/** Just so much of an element as shows what was asked for. */
class FakeElement {
  constructor(tag) {
    this.tag = tag;
    this.attributes = {};
    this.children = [];
  }
  setAttribute(name, value) {
    this.attributes[name] = value;
  }
  append(...children) {
    this.children.push(...children);
  }
  replaceChildren(...children) {
    this.children = children;
  }
}

beforeEach(() => {
  globalThis.document = { createElementNS: (_, tag) => new FakeElement(tag) };
});

test("a shape becomes an element of its class, with its geometry", () => {
  const cases = [
    [["tick", "path", "M0,0v5"], { class: "sg-tick", d: "M0,0v5" }],
    [["point", "circle", 1, 2.5, 6], { class: "sg-point", cx: "1", cy: "2.5", r: "6" }],
    [["frame", "rect", 0, 1, 40, 20, 3], { class: "sg-frame", x: "0", y: "1", width: "40", height: "20", rx: "3" }],
    [["name", "text", 20, 36, "middle", "w"], { class: "sg-name", x: "20", y: "36", "text-anchor": "middle" }],
  ];
  for (const [shape, attributes] of cases) {
    const element = createShape(shape);
    assert.equal(element.tag, shape[1]);
    assert.deepEqual(element.attributes, attributes);
    assert.deepEqual(element.children, shape[1] === "text" ? ["w"] : []);
  }
});

test("shapes stand in the order given, in place of those before", () => {
  const parent = new FakeElement("g");
  showShapes(parent, [["a", "path", "M0,0"]]);
  showShapes(parent, [
    ["b", "path", "M0,0"],
    ["c", "path", "M0,0"],
  ]);
  assert.deepEqual(
    parent.children.map((child) => child.attributes.class),
    ["sg-b", "sg-c"],
  );
});
