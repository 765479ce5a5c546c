// Sets formulas: reads a line of JSON, {text, display}, and answers with a line of JSON, {html} or {error}.
import { createInterface } from "node:readline";
import katex from "katex";

for await (const line of createInterface({ input: process.stdin })) {
  const { text, display } = JSON.parse(line);
  let answer;
  try {
    answer = { html: katex.renderToString(text, { displayMode: display, strict: "error", throwOnError: true }) };
  } catch (error) {
    answer = { error: error.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
