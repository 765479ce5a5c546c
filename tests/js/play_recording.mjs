// Plays recordings as a page does, without a browser: reads {data, moves} as JSON lines, and writes for each move the traits
// that the model has then. A move is a dict of traits that the page sets.

import { readFileSync } from "node:fs";
import { createModel } from "../../src/seeing_gradients/widgets/recorded/model.js";
import { createPlayer } from "../../src/seeing_gradients/widgets/recorded/players.js";

const { data, moves, names } = JSON.parse(readFileSync(0, "utf8"));
const player = createPlayer(data);
const model = createModel(player.start(), player);
const answers = [];
for (const move of moves) {
  for (const [name, value] of Object.entries(move)) model.set(name, value);
  model.save_changes();
  await null;
  await null;
  answers.push(Object.fromEntries(names.map((name) => [name, model.get(name)])));
}
process.stdout.write(JSON.stringify(answers));
