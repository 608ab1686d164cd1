import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Tool } from "./tool";

const heartbeatMilliseconds = 1_000;
const staleLockMilliseconds = 10_000;
/** Longer than a machine's sleep during a build is likely to be. */
const staleRemainsMilliseconds = 6 * 3_600_000;

/** `OMEGA_TOOLCHAIN_DIR`, or `omega-toolchain` in the user's cache folder: outside the work tree, once per machine. */
export function cacheFolder(): string {
  const { OMEGA_TOOLCHAIN_DIR: own, XDG_CACHE_HOME: shared } = process.env;
  return resolve(own || join(shared || join(homedir(), ".cache"), "omega-toolchain"));
}

/** A changed recipe is another folder, like another version is. */
export function cachedFolder(name: string, tool: Tool): string {
  const recipe = createHash("sha256")
    .update(JSON.stringify(tool.sources.map((source) => source.recipe)))
    .digest("hex")
    .slice(0, 8);
  return join(cacheFolder(), name, `${tool.version}-${recipe}`);
}

/**
 * Makes a folder of the cache, whole or not at all. Processes that want the same one wait for the first; should two fill
 * it all the same (a lock of a sleeping machine counts as left behind), the first to finish wins.
 * @param make fills the scratch folder that it is given and gives the folder in it that is to be kept.
 * @returns whether it was this call that made it.
 */
export async function fill(target: string, make: (scratch: string) => Promise<string>): Promise<boolean> {
  if (existsSync(target)) return false;
  await mkdir(dirname(target), { recursive: true });
  const lock = `${target}.lock`;
  while (!(await takeLock(lock))) {
    await sleep(heartbeatMilliseconds / 2);
  }
  const heartbeat = setInterval(() => void touch(lock), heartbeatMilliseconds);
  const scratch = `${target}.partial-${randomUUID()}`;
  try {
    if (existsSync(target)) return false;
    await removeRemains(target);
    await mkdir(scratch);
    return await keep(await make(scratch), target);
  } finally {
    clearInterval(heartbeat);
    await rm(scratch, { recursive: true, force: true });
    await rm(lock, { force: true });
  }
}

async function takeLock(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, "", { flag: "wx" });
    return true;
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
  if ((await age(lock)) > staleLockMilliseconds) await rm(lock, { force: true });
  return false;
}

async function touch(lock: string): Promise<void> {
  const now = new Date();
  // The lock is gone when another process took it for left behind; whoever finishes first wins.
  await utimes(lock, now, now).catch(() => undefined);
}

async function keep(made: string, target: string): Promise<boolean> {
  try {
    await rename(made, target);
    return true;
  } catch (error) {
    if (!hasCode(error, "ENOTEMPTY") && !hasCode(error, "EEXIST")) throw error;
    return false;
  }
}

/** Scratch folders of processes that were killed. */
async function removeRemains(target: string): Promise<void> {
  const prefix = `${basename(target)}.partial-`;
  for (const name of await readdir(dirname(target))) {
    const path = join(dirname(target), name);
    if (name.startsWith(prefix) && (await age(path)) > staleRemainsMilliseconds) {
      await rm(path, { recursive: true, force: true });
    }
  }
}

async function age(path: string): Promise<number> {
  const modified = await stat(path).catch(() => undefined);
  return modified === undefined ? 0 : Date.now() - modified.mtimeMs;
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === code;
}
