// Read paths from the standard input, one a line; write what es-module-lexer finds in each, one JSON a line:
// [[kind, byte offset behind a byte order mark, url], …], or null where it cannot parse the file.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { init, parse } from "es-module-lexer";

const ASSET = /\bnew\s+URL\(\s*("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$\n]|\\.)*`)\s*,\s*$/;
const REST = /^import\.meta\.url\s*,?\s*\)/;

function asset(source, at) {
  const match = ASSET.exec(source.slice(Math.max(0, at - 1000), at));
  if (!match || !REST.test(source.slice(at, at + 100))) return [];
  const start = at - match[0].length + match[0].indexOf(match[1]) + 1;
  return [["url", start, (0, eval)(match[1])]];
}

function found(source) {
  return parse(source)[0].flatMap(({ type, specifier, start, glob }) => {
    if (type === "import-meta") return asset(source, start);
    if (specifier === undefined || glob) return [];
    const quoted = "\"'`".includes(source[start]);
    return [[type === "dynamic" ? "dynamic import" : "import", start + (quoted ? 1 : 0), specifier]];
  });
}

function inBytes(source, items) {
  let at = 0;
  let bytes = 0;
  return items
    .sort((one, other) => one[1] - other[1])
    .map(([kind, start, url]) => {
      bytes += Buffer.byteLength(source.slice(at, start));
      at = start;
      return [kind, bytes, url];
    });
}

await init();
for await (const path of createInterface({ input: process.stdin })) {
  // Browsers drop a byte order mark; es-module-lexer would take it for a letter of the first `import`.
  const source = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  let items = null;
  try {
    items = inBytes(source, found(source));
  } catch {}
  console.log(JSON.stringify(items));
}
