import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const page = (name: string) => new URL(`./${name}.html`, import.meta.url).pathname;
const host = process.env.BILLING_HOST ?? "http://localhost:5080";

export default defineConfig({
  // Relative, because the host may be reached under a prefix.
  base: "./",
  plugins: [react()],
  build: {
    outDir: "dist",
    // scripts/size.mjs reads it, and takes it away.
    manifest: true,
    // The explorer's editor is large; nobody else loads it.
    chunkSizeWarningLimit: 8000,
    rollupOptions: { input: ["index", "explorer"].map(page) },
  },
  server: { proxy: { "/graphql": { target: host, ws: true }, "/dev": host, "/exports": host, "/sandbox": host } },
});
