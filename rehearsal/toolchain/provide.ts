import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf, UserError } from "../errors";
import { cachedFolder, cacheFolder, fill } from "./cache";
import { catalog, type ToolName } from "./catalog";
import pinnedChecksums from "./checksums.json";
import { run } from "./command";
import { locate, type Located } from "./locate";
import type { Checksums, Source, Tool, Work } from "./tool";
import { usableVersion } from "./version";

interface ProvideOptions {
  /** Gets a line when the making of a tool begins, when a source fails, and when the tool is there. Default: silence. */
  log?: (line: string) => void;
  /** Default: checksums.json. */
  checksums?: Checksums;
}

/** Absolute paths by name: of the program for an executable, of the folder for files. */
type Tools<Name extends string = ToolName> = Readonly<Record<Name, string>>;

/**
 * Gives tools from PATH, from the machine's cache, or made and put there, which can take minutes each.
 * @throws UserError naming every tool that can't be had.
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
        ...messageOf(error)
          .split("\n")
          .map((line) => `    ${line}`),
      );
      return [name, ""];
    }
  };
  const paths = await Promise.all(names.map(provideOne));
  if (failures.length > 0) throw new UserError(["Tools that can't be had:", ...failures, remedies()].join("\n"));
  return Object.fromEntries(paths) as Tools<Name>;
}

/** One tool that is to be had. */
interface Order {
  name: string;
  tool: Tool;
  checksums: Checksums;
  say(text: string): void;
}

async function provide(name: string, tool: Tool, options: ProvideOptions): Promise<string> {
  const { log = () => undefined, checksums = pinnedChecksums } = options;
  const say = (text: string): void => log(`${name} ${tool.version}  ${text}`);
  const located = await locate(name, tool, checksums);
  if (located.path !== undefined) {
    say(`found on PATH (${located.version})`);
    return located.path;
  }
  const target = cachedFolder(name, tool);
  const order: Order = { name, tool, checksums, say };
  const made = await fill(target, (scratch) => makeFromFirst(located, order, scratch));
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
      const failed = `not ${source.how}: ${messageOf(error)}`;
      order.say(failed);
      reasons.push(failed);
    }
  }
  throw new Error([...reasons, ...(existsSync(logFile) ? [`full log: ${logFile}`] : [])].join("\n"));
}

async function make(source: Source, order: Order, folder: string, logFile: string): Promise<string> {
  const { name, tool, checksums } = order;
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
    run: (file, parameters, environment) => run(file, parameters, { folder: scratch, environment, logFile }),
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
  if (tool.askVersion !== undefined) await usableVersion(join(output, name), tool);
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
    `${cacheFolder()} (OMEGA_TOOLCHAIN_DIR moves it); or install Go, Maven and Python 3 with pip and let the`,
    "network reach their registries.",
  ].join("\n");
}
