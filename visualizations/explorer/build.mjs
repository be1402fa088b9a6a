// Bundles the parts of d3 that the explorer uses into one local file, for Chromium 87 kernels, with their licences.
import { readFile, readdir, writeFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const vendor = join(here, "vendor");

async function licences(inputs) {
  const packages = new Set();
  for (const input of inputs) {
    const found = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (found) packages.add(found[1]);
  }
  const parts = [];
  for (const name of [...packages].sort()) {
    const folder = join(here, "node_modules", name);
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} carries no licence file`);
    const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    parts.push(`${name} ${version}\n\n${(await readFile(join(folder, file), "utf8")).trim()}\n`);
  }
  return parts.join("\n----\n\n");
}

await mkdir(vendor, { recursive: true });
const result = await build({
  absWorkingDir: here,
  entryPoints: ["d3_entry.js"],
  outfile: "vendor/d3.js",
  bundle: true,
  format: "esm",
  target: ["es2020", "chrome87"],
  minify: true,
  charset: "utf8",
  legalComments: "none",
  metafile: true,
  banner: { js: "/* d3, see LICENSES.txt */" },
  logLevel: "warning",
});
await writeFile(join(vendor, "LICENSES.txt"), await licences(Object.keys(result.metafile.inputs)), "utf8");
