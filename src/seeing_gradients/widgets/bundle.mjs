// Bundles the page's code of each widget into static/: one JavaScript and one CSS file, since a notebook can load no second.
// Run it with `make js`. The first line of a bundle holds a hash of its sources, by which a test sees without Node whether it is
// stale.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const WIDGETS = dirname(fileURLToPath(import.meta.url));
const ENTRIES = {
  explore: "explore/page/index",
  descend: "descend/descend",
  secant: "secant/secant",
  predict: "predict/predict",
  watch: "watch/watch",
  verdict: "verdict/verdict",
  recorded: "recorded/index",
};
const ALL = Object.keys(ENTRIES).filter((widget) => widget !== "verdict"); // a page of recordings shows all others

/** All sources of a widget, those that it shares with others included, as paths from here with "/". */
function sourcesOf(widget) {
  return (widget === "recorded" ? ["page", ...ALL] : ["page", widget])
    .flatMap((folder) => readdirSync(join(WIDGETS, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && /\.(js|css)$/.test(entry.name))
    .map((entry) =>
      relative(WIDGETS, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join("/"),
    )
    .sort();
}

/** The hash of a widget's sources: of each path and text, line ends as "\n". */
function hashOf(widget) {
  const hash = createHash("sha256");
  for (const path of sourcesOf(widget)) {
    const text = readFileSync(join(WIDGETS, path), "utf8").replaceAll("\r\n", "\n");
    hash.update(`${path}\n${text}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

const output = process.argv[2] ?? join(WIDGETS, "static");
for (const [widget, entry] of Object.entries(ENTRIES)) {
  const isRecorded = widget === "recorded";
  const note = `Built by "make js" from sources with the hash ${hashOf(widget)}. Change those, not this file.`;
  await build({
    absWorkingDir: WIDGETS,
    entryPoints: [".js", ".css"].map((suffix) => ({ in: `${entry}${suffix}`, out: widget })),
    outdir: output,
    bundle: true,
    format: isRecorded ? "iife" : "esm", // a page that is opened as a file can load no module from another file
    minify: isRecorded, // it is a part of every page; the others are read by people who look for an error
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    banner: { js: `// ${note}`, css: `/* ${note} */` },
    logLevel: "warning",
  });
}
