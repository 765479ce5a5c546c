import assert from "node:assert/strict";
import { test } from "node:test";
import {
  findableNodes,
  findMatches,
  mergeFindable,
} from "../../src/seeing_gradients/widgets/explore/page/search-ranking.js";

const module = (name, text) => ({ name, text, opens: [], group: name });
const node = (name, text = "leaf") => ({ name, text, opens: [], node: name });
const GPT = [
  module("transformer.h.0 … 3", "4 × GPT2Block"),
  ...[0, 1, 2, 3].flatMap((i) => [
    module(`transformer.h.${i}`, "GPT2Block"),
    module(`transformer.h.${i}.attn`, "GPT2Attention"),
    module(`transformer.h.${i}.mlp`, "GPT2MLP"),
  ]),
  ...[0, 1, 2, 3].map((i) => node(`transformer.h.${i}.mlp.c_fc.weight`)),
  node("loss", "nll_loss"),
];
const names = (query, most = 40) => findMatches(query, GPT, most).map(({ name }) => name);

test("a whole name, or its end, comes first", () => {
  assert.equal(names("transformer.h.3.mlp")[0], "transformer.h.3.mlp");
  assert.deepEqual(names("h.3.mlp"), ["transformer.h.3.mlp", "transformer.h.3.mlp.c_fc.weight"]);
  assert.equal(names("loss")[0], "loss");
});

test("classes and operations are found, whatever the case of their letters", () => {
  assert.deepEqual(names("gpt2mlp"), [
    "transformer.h.0.mlp",
    "transformer.h.1.mlp",
    "transformer.h.2.mlp",
    "transformer.h.3.mlp",
  ]);
  assert.deepEqual(names("NLL"), ["loss"]);
});

test("all words must occur, in any order", () => {
  assert.deepEqual(names("weight h.2"), ["transformer.h.2.mlp.c_fc.weight"]);
  assert.deepEqual(names("weight attn"), []);
});

test("modules come before nodes, and outer ones before inner ones", () => {
  assert.deepEqual(names("transformer", 2), ["transformer.h.0 … 3", "transformer.h.0"]);
  assert.ok(names("h.1").indexOf("transformer.h.1") === 0);
});

test("nothing is asked for, nothing is found; and no more than asked for", () => {
  assert.deepEqual([names(""), names("  ")], [[], []]);
  assert.equal(names("t", 3).length, 3);
});

test("nodes of the scene that nobody named are found by their operation, each named one once", () => {
  const scene = {
    nodes: [
      { name: "w", op: "leaf" },
      { name: null, op: "mul" },
      { name: "transformer.h.1", op: "GPT2Block", group: "transformer.h.1" },
    ],
  };
  const all = mergeFindable([node("w"), ...GPT], findableNodes(scene));
  assert.equal(all.length, GPT.length + 2);
  assert.deepEqual(findMatches("mul", all, 9), [{ name: "mul", text: "", opens: [], index: 1, node: "mul" }]);
});
