import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { cachedFolder } from "./cache";
import { catalog, type ToolName } from "./catalog";
import pinnedChecksums from "./checksums.json";
import { locate, type Located } from "./locate";
import type { Checksums, Tool } from "./tool";

export interface ExaminedTool extends Pick<Located, "from" | "version" | "notes"> {
  name: string;
  /** In our cache: measured where it is there, from the catalogue where it is yet to be had, 0 for one on PATH. */
  diskMegabytes: number;
}

export interface Examination {
  tools: readonly ExaminedTool[];
  /** Of all tools, and of Go's own caches while one is yet to be built. */
  diskMegabytes: number;
  /** With one instance of each running: one control plane. */
  memoryMegabytes: number;
}

/** Says from where `provideTools` would have each tool, without downloading or building anything. */
export function examineTools(names: readonly ToolName[]): Promise<Examination> {
  return examineFrom(catalog, names, pinnedChecksums);
}

/** The same with any catalogue. */
export async function examineFrom<Name extends string>(
  tools: Readonly<Record<Name, Tool>>,
  names: readonly Name[],
  checksums: Checksums,
): Promise<Examination> {
  let cachesMegabytes = 0;
  const examine = async (name: Name): Promise<ExaminedTool> => {
    const { from, version, notes, sources } = await locate(name, tools[name], checksums);
    cachesMegabytes = Math.max(cachesMegabytes, sources[0]?.cachesMegabytes ?? 0);
    const wanted = from === "PATH" ? 0 : tools[name].diskMegabytes;
    const diskMegabytes = from === "cached" ? await sizeOf(cachedFolder(name, tools[name])) : wanted;
    return { name, from, version, notes, diskMegabytes };
  };
  const examined = await Promise.all(names.map(examine));
  return {
    tools: examined,
    diskMegabytes: sum(examined.map((tool) => tool.diskMegabytes)) + cachesMegabytes,
    memoryMegabytes: sum(names.map((name) => tools[name].memoryMegabytes ?? 0)),
  };
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return Math.ceil(sum(await Promise.all(sizes)) / 1_000_000);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
