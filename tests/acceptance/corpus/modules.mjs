// Reads paths from the standard input, one a line; writes what es-module-lexer, whose module is the argument, finds in
// each script, one JSON a line: [[kind, specifier], …], or null where it cannot parse the script.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { argv, stdin } from "node:process";
import { pathToFileURL } from "node:url";

const { init, parse } = await import(pathToFileURL(argv[2]));
const BEFORE = /\bnew\s+URL\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$\n]|\\.)*`)\s*,\s*$/;
const BEHIND = /^import\.meta\.url\s*,?\s*\)/;

function url(source, at) {
  const match = BEFORE.exec(source.slice(Math.max(0, at - 1000), at));
  return match && BEHIND.test(source.slice(at, at + 100)) ? [["url", (0, eval)(match[1])]] : [];
}

function read(source) {
  return parse(source)[0].flatMap(({ type, specifier, start, glob }) => {
    if (type === "import-meta") return url(source, start);
    return specifier === undefined || glob ? [] : [[type, specifier]];
  });
}

await init();
for await (const path of createInterface({ input: stdin })) {
  // Browsers drop a byte order mark; es-module-lexer would take it for a letter of the first `import`.
  const source = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  let found = null;
  try {
    found = read(source);
  } catch {}
  console.log(JSON.stringify(found));
}
