import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "../../rehearsal/paths";

interface Manifest {
  exports: Record<string, string | { types: string; default: string }>;
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
}
const read = (file: string) => readFileSync(join(projectRoot, file), "utf8");
const manifest = JSON.parse(read("package.json")) as Manifest;

/** Source of an entry point, e.g. `components/edge/index.ts`. */
function sourceOf(entry: string): string {
  const target = manifest.exports[entry];
  if (target === undefined || typeof target === "string") throw new Error(`${entry} is no entry point`);
  return target.default.replace("./dist/", "").replace(/\.js$/, ".ts");
}

const statement = /^(?:import|export)\s+(type\s)?(?:[^;"']*?\sfrom\s)?["']([^"']+)["'];/gm;

/** Packages that a module needs when it is loaded, itself or by what it imports. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>();
  if (seen.has(file)) return found;
  seen.add(file);
  for (const [, isType, module = ""] of read(file).matchAll(statement)) {
    if (isType !== undefined || module.startsWith("node:")) continue;
    if (!module.startsWith(".")) {
      found.add(module.split("/", module.startsWith("@") ? 2 : 1).join("/"));
      continue;
    }
    const path = join(dirname(file), module);
    const target = existsSync(join(projectRoot, `${path}.ts`)) ? `${path}.ts` : join(path, "index.ts");
    for (const name of packagesOf(target, seen)) found.add(name);
  }
  return found;
}
const peersOf = (entry: string) =>
  [...packagesOf(sourceOf(entry))].filter((name) => name.startsWith("@pulumi/")).sort();

test.each([
  ["./edge", ["@pulumi/cloudflare", "@pulumi/pulumi"]],
  ["./service", ["@pulumi/kubernetes", "@pulumi/pulumi"]],
  ["./events", ["@pulumi/aws", "@pulumi/kubernetes", "@pulumi/pulumi", "@pulumi/random"]],
  ["./runtime/events", []],
  [".", Object.keys(manifest.peerDependencies).sort()],
])("%s needs no other peers than docs/reuse.md says", (entry, peers) => {
  expect(peersOf(entry)).toEqual(peers);
});

const entries = Object.keys(manifest.exports).filter((entry) => entry !== "./package.json");

test.each(entries)("what %s loads is installed with the package", (entry) => {
  const known = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.peerDependencies)];
  expect(known).toEqual(expect.arrayContaining([...packagesOf(sourceOf(entry))]));
});

test("every entry point is compiled", () => {
  const { files } = JSON.parse(read("tsconfig.build.json")) as { files: string[] };
  expect(entries.map(sourceOf).sort()).toEqual(files.sort());
});
