import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Source, Tool, Work } from "../../../rehearsal/toolchain/tool";

export interface Sandbox {
  root: string;
  /** The tool cache. */
  cache: string;
  /** First folder on PATH. */
  programs: string;
}

/** Gives every test of a file a cache and a PATH folder of its own. */
export function useSandbox(): Sandbox {
  const sandbox: Sandbox = { root: "", cache: "", programs: "" };
  const { PATH, OMEGA_TOOLCHAIN_DIR } = process.env;
  beforeEach(() => {
    sandbox.root = mkdtempSync(join(tmpdir(), "toolchain-"));
    sandbox.cache = join(sandbox.root, "cache");
    sandbox.programs = join(sandbox.root, "programs");
    mkdirSync(sandbox.programs);
    process.env.OMEGA_TOOLCHAIN_DIR = sandbox.cache;
    process.env.PATH = [sandbox.programs, PATH].join(delimiter);
  });
  afterEach(() => {
    process.env.PATH = PATH;
    if (OMEGA_TOOLCHAIN_DIR === undefined) delete process.env.OMEGA_TOOLCHAIN_DIR;
    else process.env.OMEGA_TOOLCHAIN_DIR = OMEGA_TOOLCHAIN_DIR;
    rmSync(sandbox.root, { recursive: true, force: true });
  });
  return sandbox;
}

/** A program that tells this version. */
export function script(version: string): string {
  return `#!/bin/sh\necho "tool version v${version} (some build)"\n`;
}

export function putProgram(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text);
  chmodSync(join(folder, name), 0o755);
}

export function sourceOf(make: (work: Work) => Promise<void>, how = "made by a test"): Source {
  return { from: "registry", how, recipe: how, obstacle: () => undefined, make };
}

/** Makes a program of the given version. */
export function scriptSource(version: string): Source {
  return sourceOf(async (work) => putProgram(work.output, work.name, script(version)));
}

export function toolFrom(...sources: Source[]): Tool {
  return { version: "1.3.0", sources, askVersion: ["--version"], diskMegabytes: 7, memoryMegabytes: 100 };
}

export async function rejectionOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error("did not fail");
}
