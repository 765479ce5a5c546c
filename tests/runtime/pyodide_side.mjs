// Runs Python in Node as a browser would (Pyodide): node pyodide_side.mjs <pyodide.mjs> <folder of the library> <file of Python>
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [pyodide, library, program] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(pyodide));
const python = await loadPyodide();
python.mountNodeFS("/library", library);
python.runPython(readFileSync(program, "utf8"));
