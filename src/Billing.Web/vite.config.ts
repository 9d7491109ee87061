import { defineConfig } from "vite";

const page = (name: string) => new URL(`./${name}.html`, import.meta.url).pathname;
const host = "http://localhost:5080";

export default defineConfig({
  build: {
    outDir: "dist",
    // The explorer's editor is large; nobody else loads it.
    chunkSizeWarningLimit: 8000,
    rollupOptions: { input: ["purchase", "redeem", "orders", "order", "admin", "explorer"].map(page) },
  },
  server: { proxy: { "/graphql": { target: host, ws: true }, "/dev": host, "/exports": host, "/sandbox": host } },
});
