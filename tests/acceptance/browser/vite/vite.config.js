import { defineConfig } from "vite";

export default defineConfig({
  base: "/static/",
  build: {
    manifest: true,
    assetsInlineLimit: 0,
    modulePreload: false,
    rollupOptions: { input: ["src/main.ts", "src/admin.ts"] },
  },
});
