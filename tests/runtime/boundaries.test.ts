import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";

const root = resolve(__dirname, "../..");

/** Paths from the project's root that the files of a folder import from it. */
function importsOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .flatMap(({ parentPath, name }) => {
      const text = readFileSync(join(parentPath, name), "utf8");
      const paths = [...text.matchAll(/from "(\.[^"]*)"/g)].map(([, path = ""]) => path);
      return paths.map((path) => relative(root, resolve(parentPath, path)));
    });
}

test("services can have the runtime without the platform", () => {
  const imports = importsOf("runtime");
  expect(imports.length).toBeGreaterThan(0);
  expect(imports.filter((path) => !path.startsWith("runtime/"))).toEqual([]);
});

test.each(["components", "stacks", "policies", "rehearsal"])("%s has nothing of the runtime", (folder) => {
  expect(importsOf(folder).filter((path) => path.startsWith("runtime"))).toEqual([]);
});
