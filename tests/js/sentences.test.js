import assert from "node:assert/strict";
import { test } from "node:test";
import { joined } from "../../src/seeing_gradients/widgets/page/sentences.js";

test("sentences are joined as their language wants it, and empty ones left out", () => {
  assert.equal(joined(["One.", "", "Two."]), "One. Two.");
  assert.equal(joined(["第一句。", "第二句。", "Adam 3"]), "第一句。第二句。Adam 3");
  assert.equal(joined(["", ""]), "");
});
