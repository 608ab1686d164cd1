import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cachedFolder, cacheFolder, fill } from "./cache";
import { catalog, type ToolName } from "./catalog";
import pinnedChecksums from "./checksums.json";
import { run } from "./command";
import { locate, reason, type Located } from "./locate";
import type { Checksums, Source, Tool, Work } from "./tool";
import { usableVersion } from "./version";

export interface ProvideOptions {
  /** Gets a line when the making of a tool begins, when a source fails, and when the tool is there. Default: silence. */
  log?: (line: string) => void;
  /** Ends downloads and kills builds. Without it, the terminal's Ctrl-C reaches the builds directly. */
  signal?: AbortSignal;
  /** Default: checksums.json. */
  checksums?: Checksums;
}

/** Absolute paths by name: of the program for an executable, of the folder for files. */
export type Tools<Name extends string = ToolName> = Readonly<Record<Name, string>>;

/** Some tools can't be had. The message names each, says why and what to do; it is for the user as it is. */
export class ToolchainError extends Error {
  override name = "ToolchainError";
}

/**
 * Gives tools from PATH, from the machine's cache, or made and put there, which can take minutes each.
 * @throws ToolchainError naming every tool that can't be had; the signal's reason when aborted.
 */
export function provideTools<Name extends ToolName>(
  names: readonly Name[],
  options: ProvideOptions = {},
): Promise<Tools<Name>> {
  return provideFrom(catalog, names, options);
}

/** The same with any catalogue. */
export async function provideFrom<Name extends string>(
  tools: Readonly<Record<Name, Tool>>,
  names: readonly Name[],
  options: ProvideOptions = {},
): Promise<Tools<Name>> {
  const failures: string[] = [];
  const provideOne = async (name: Name): Promise<[Name, string]> => {
    try {
      return [name, await provide(name, tools[name], options)];
    } catch (error) {
      failures.push(
        `${name} ${tools[name].version}`,
        ...reason(error)
          .split("\n")
          .map((line) => `    ${line}`),
      );
      return [name, ""];
    }
  };
  const paths = await Promise.all(names.map(provideOne));
  options.signal?.throwIfAborted();
  if (failures.length > 0) throw new ToolchainError(["Tools that can't be had:", ...failures, remedies()].join("\n"));
  return Object.fromEntries(paths) as Tools<Name>;
}

/** One tool that is to be had. */
interface Order {
  name: string;
  tool: Tool;
  checksums: Checksums;
  signal: AbortSignal | undefined;
  say(text: string): void;
}

async function provide(name: string, tool: Tool, options: ProvideOptions): Promise<string> {
  const { log = () => undefined, signal, checksums = pinnedChecksums } = options;
  const say = (text: string): void => log(`${name} ${tool.version}  ${text}`);
  const located = await locate(name, tool, checksums, signal);
  if (located.path !== undefined) {
    say(`found on PATH (${located.version})`);
    return located.path;
  }
  const target = cachedFolder(name, tool);
  const order: Order = { name, tool, checksums, signal, say };
  const made = await fill(target, (scratch) => makeFromFirst(located, order, scratch), signal);
  if (!made) say("cached");
  return tool.files ? target : join(target, name);
}

/** Tries the usable sources one after the other; gives the folder that the first good one filled. */
async function makeFromFirst(located: Located, order: Order, scratch: string): Promise<string> {
  const logFile = join(cacheFolder(), "logs", `${order.name}-${order.tool.version}.log`);
  await mkdir(dirname(logFile), { recursive: true });
  await rm(logFile, { force: true });
  const reasons = [...located.notes];
  for (const [index, source] of located.sources.entries()) {
    try {
      return await make(source, order, join(scratch, String(index)), logFile);
    } catch (error) {
      order.signal?.throwIfAborted();
      const failed = `not ${source.how}: ${reason(error)}`;
      order.say(failed);
      reasons.push(failed);
    }
  }
  throw new Error([...reasons, ...(existsSync(logFile) ? [`full log: ${logFile}`] : [])].join("\n"));
}

async function make(source: Source, order: Order, folder: string, logFile: string): Promise<string> {
  const { name, tool, checksums, signal } = order;
  const output = join(folder, "output");
  const scratch = join(folder, "scratch");
  await mkdir(output, { recursive: true });
  await mkdir(scratch);
  let started = Date.now();
  const work: Work = {
    name,
    version: tool.version,
    checksums,
    output,
    scratch,
    signal,
    run: (file, parameters, environment) => run(file, parameters, { folder: scratch, environment, signal, logFile }),
    inTurn: async (task) => {
      const asked = Date.now();
      return inTurn(() => {
        started += Date.now() - asked;
        return task();
      });
    },
  };
  order.say(`being ${source.how} …`);
  await source.make(work);
  if (tool.askVersion !== undefined) await usableVersion(join(output, name), tool, signal);
  order.say(`${source.how}  ${Math.round((Date.now() - started) / 1000)} s`);
  return output;
}

let lastTurn: Promise<unknown> = Promise.resolve();

function inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
  const turn = lastTurn.then(task);
  lastTurn = turn.catch(() => undefined);
  return turn;
}

function remedies(): string {
  return [
    "To supply a tool, put a usable version on PATH; or copy the tool cache of a machine that has it, which is here",
    `${cacheFolder()} (OMEGA_TOOLCHAIN_DIR moves it); or install Go and Python 3 with pip and let the network`,
    "reach their registries.",
  ].join("\n");
}
