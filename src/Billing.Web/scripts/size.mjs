// What a buyer's first visit to the shop loads, in scripts, compressed: the entry, the shop, one language, and all that these import. Fails above the limit.
import { readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";

const limit = 250 * 1024;
const roots = ["index.html", "src/purchase/PurchasePage.tsx", "src/shell/texts/en.ts"];

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const needed = new Set();
const need = (name) => {
  const chunk = manifest[name];
  if (!chunk) throw new Error(`The build has no ${name}: has it another name now?`);
  if (needed.has(name)) return;
  needed.add(name);
  chunk.imports?.forEach(need);
};
roots.forEach(need);

const sizes = [...new Set([...needed].map((name) => manifest[name].file))]
  .filter((file) => file.endsWith(".js"))
  .map((file) => [file, gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length]);
const total = sizes.reduce((sum, [, size]) => sum + size, 0);
const kilobytes = (size) => `${(size / 1024).toFixed(1)} KB`;
if (process.argv.includes("--list")) for (const [file, size] of sizes.sort((a, b) => b[1] - a[1])) console.log(`${kilobytes(size).padStart(10)}  ${file}`);
console.log(`The first load of /purchase is ${kilobytes(total)} of script, compressed; the limit is ${kilobytes(limit)}.`);
if (!process.argv.includes("--list")) rmSync(new URL(".vite", dist), { recursive: true });
if (total > limit) process.exit(1);
