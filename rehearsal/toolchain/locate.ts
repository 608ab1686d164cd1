import { existsSync } from "node:fs";
import { messageOf } from "../errors";
import { cachedFolder } from "./cache";
import { findOnPath } from "./command";
import type { Checksums, Source, Tool } from "./tool";
import { usableVersion } from "./version";

/** Where a tool is, or from where it would be had. */
export interface Located {
  from: "PATH" | "cached" | Source["from"] | "nowhere";
  /** The pinned version, or the one found on PATH. */
  version: string;
  /** Where it is on PATH. */
  path?: string;
  /** Usable ones, in order, when the tool is neither on PATH nor cached. */
  sources: readonly Source[];
  /** Why places before these are not used. */
  notes: readonly string[];
}

/** Looks without downloading or building anything; that a source is usable does not say that the network lets it. */
export async function locate(name: string, tool: Tool, checksums: Checksums): Promise<Located> {
  const { version } = tool;
  const notes: string[] = [];
  if (tool.askVersion !== undefined) {
    const path = findOnPath(name);
    try {
      if (path === undefined) throw new Error("not found");
      return { from: "PATH", path, version: await usableVersion(path, tool), sources: [], notes };
    } catch (error) {
      notes.push(`PATH: ${messageOf(error)}`);
    }
  }
  if (existsSync(cachedFolder(name, tool))) return { from: "cached", version, sources: [], notes };
  const sources = tool.sources.filter((source) => {
    const obstacle = source.obstacle({ name, version, checksums });
    if (obstacle !== undefined) notes.push(`not ${source.how}: ${obstacle}`);
    return obstacle === undefined;
  });
  return { from: sources[0]?.from ?? "nowhere", version, sources, notes };
}
