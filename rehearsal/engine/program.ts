import { readFileSync } from "node:fs";
import { join, sep } from "node:path";
import type { PulumiFn } from "@pulumi/pulumi/automation";
import { parse } from "yaml";

/**
 * The Pulumi program of a folder, run inside this process. Its modules are loaded afresh at every run, as the language
 * host does in a new process: a second run must not meet the first one's resources.
 */
export function loadProgram(directory: string): PulumiFn {
  const { main } = parse(readFileSync(join(directory, "Pulumi.yaml"), "utf8")) as { main: string };
  const ownFolder = join(__dirname, "..") + sep;
  return () => {
    for (const file of Object.keys(require.cache)) {
      const isProgram =
        file.startsWith(directory + sep) && !file.startsWith(ownFolder) && !file.includes("node_modules");
      if (isProgram) delete require.cache[file];
    }
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the program is chosen at run time
    return (require(join(directory, main)) as PulumiFn)();
  };
}
