import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { connect } from "node:net";
import { basename, join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { messageOf } from "../errors";
import { unpackProgram } from "./archive";
import type { Source, Work } from "./tool";

/** What is looked for: a version for this machine. */
export interface Wanted {
  version: string;
  os: "linux" | "darwin";
  architecture: "amd64" | "arm64";
}

/** Where the program is: `.tar.gz` and `.zip` are unpacked, anything else is the program itself. */
export interface Release {
  url: string;
  /** Path inside the archive. */
  member?: string;
}

/** In milliseconds: to connect, and without a byte afterwards. */
export interface Timeouts {
  connect: number;
  stall: number;
}

/**
 * An official release, used only with a pinned checksum.
 * Proxies are not used: behind one, the clients of the registries are what gets through.
 * @param locate gives undefined for a platform for which upstream publishes nothing.
 */
export function release(
  locate: (wanted: Wanted) => Release | undefined,
  timeouts: Timeouts = { connect: 2_500, stall: 15_000 },
): Source {
  const find = ({ name, version, checksums }: Pick<Work, "name" | "version" | "checksums">): PinnedRelease | string => {
    const wanted = wantedHere(version);
    const found = wanted && locate(wanted);
    if (found === undefined) return `none for ${process.platform}-${process.arch}`;
    const sha256 = checksums[`${name}@${version}/${wanted?.os}-${wanted?.architecture}`];
    return sha256 === undefined ? "no pinned checksum" : { ...found, sha256 };
  };
  return {
    from: "release",
    how: "downloaded from its official release",
    recipe: "release",
    obstacle: (work) => {
      const found = find(work);
      return typeof found === "string" ? found : undefined;
    },
    make: async (work) => {
      const found = find(work);
      if (typeof found === "string") throw new Error(found);
      await install(found, work, timeouts);
    },
  };
}

interface PinnedRelease extends Release {
  sha256: string;
}

function wantedHere(version: string): Wanted | undefined {
  const { platform: os, arch } = process;
  if ((os !== "linux" && os !== "darwin") || (arch !== "x64" && arch !== "arm64")) return undefined;
  return { version, os, architecture: arch === "x64" ? "amd64" : "arm64" };
}

async function install(found: PinnedRelease, work: Work, timeouts: Timeouts): Promise<void> {
  const url = new URL(found.url);
  await assertReachable(url, timeouts.connect);
  const file = join(work.scratch, basename(url.pathname));
  const sha256 = await download(url, file, timeouts.stall);
  if (sha256 !== found.sha256) throw new Error(`${url} refused: its sha256 is ${sha256}, pinned is ${found.sha256}`);
  await unpackProgram(file, found.member, work);
}

/** An unreachable network would otherwise hold up every tool for as long as the system tries to connect. */
async function assertReachable(url: URL, milliseconds: number): Promise<void> {
  const socket = connect({ host: url.hostname, port: Number(url.port) || (url.protocol === "https:" ? 443 : 80) });
  const timer = setTimeout(() => socket.destroy(new Error(`no connection in ${milliseconds} ms`)), milliseconds);
  try {
    await new Promise<void>((resolve, reject) => socket.on("connect", resolve).on("error", reject));
  } catch (error) {
    throw new Error(`${url.host} can't be reached: ${messageOf(error)}`);
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** @returns the sha256 of what was downloaded. */
async function download(url: URL, file: string, stall: number): Promise<string> {
  const stalled = new AbortController();
  const { signal } = stalled;
  const timer = setTimeout(() => stalled.abort(new Error(`${url} sent nothing for ${stall} ms`)), stall);
  const hash = createHash("sha256");
  const watch = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      timer.refresh();
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    const response = await fetch(url, { signal, headers: { "accept-encoding": "identity" } });
    if (!response.ok || response.body === null) throw new Error(`${url} answered ${response.status}`);
    await pipeline(response.body, watch, createWriteStream(file), { signal });
    return hash.digest("hex");
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
