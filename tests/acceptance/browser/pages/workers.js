// Where monaco-editor's workers are, as its documentation tells for ES modules.
self.MonacoEnvironment = {
  getWorker(_, label) {
    if (label === "typescript") {
      return new Worker(new URL("./vendor/monaco-editor/esm/vs/language/typescript/ts.worker.js", import.meta.url), {
        type: "module",
      });
    }
    return new Worker(new URL("./vendor/monaco-editor/esm/vs/editor/editor.worker.js", import.meta.url), {
      type: "module",
    });
  },
};
