import { join } from "node:path";
import { buildSync } from "esbuild";
import { packageRoot, sourceFolder } from "../../sources";

/** The Worker as one module, the same for the same sources. Takes about 50 ms. */
export function bundleWorker(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(sourceFolder, "edge/worker/main.ts")],
    // Comments name files from here on: the text must not depend on where a program is started.
    absWorkingDir: packageRoot,
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
    conditions: ["workerd"],
    external: ["cloudflare:workers"],
    legalComments: "none",
    logLevel: "silent",
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error("esbuild wrote nothing");
  return file.text;
}
