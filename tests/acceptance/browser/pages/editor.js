// monaco-editor's ES modules import their style sheets (`import './x.css'`), which is meant for bundlers: a browser
// refuses a style sheet where it asked for a script. So a service worker must be in control before they are imported.
import "./workers.js";

const controlled = new Promise((resolve) => {
  if (navigator.serviceWorker.controller) resolve();
  else navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true });
});
await navigator.serviceWorker.register(new URL("./style-modules.js", import.meta.url));
await controlled;

const monaco = await import("./vendor/monaco-editor/esm/vs/index.js");

monaco.editor.create(document.getElementById("editor"), {
  language: "typescript",
  value: `// The type checker runs in a worker; the number below is marked as wrong.
export function light(period: number): string {
  return "flashing every " + period + " s";
}

export const lamp: string = 42;
`,
});
window.complaints = () => monaco.editor.getModelMarkers({}).map((marker) => marker.message);
