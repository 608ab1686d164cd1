import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cachedFolder, fill } from "../../../rehearsal/toolchain/cache";
import { scriptSource, sourceOf, toolFrom, useSandbox } from "./sandbox";

const sandbox = useSandbox();

function makerOf(content: string): (scratch: string) => Promise<string> {
  return async (scratch) => {
    mkdirSync(join(scratch, "output"));
    await sleep(20);
    writeFileSync(join(scratch, "output", "file"), content);
    return join(scratch, "output");
  };
}

test("two at once: one makes it, the other waits for it", async () => {
  const target = join(sandbox.cache, "tool", "1.0.0");
  const make = jest.fn(makerOf("content"));
  const made = await Promise.all([fill(target, make), fill(target, make)]);
  expect(made.filter(Boolean)).toHaveLength(1);
  expect(make).toHaveBeenCalledTimes(1);
  expect(readFileSync(join(target, "file"), "utf8")).toBe("content");
  expect(readdirSync(join(sandbox.cache, "tool"))).toEqual(["1.0.0"]);
});

test("when another process finished first all the same, its result stays", async () => {
  const target = join(sandbox.cache, "tool", "1.0.0");
  const overtaken = fill(target, async (scratch) => {
    mkdirSync(target);
    writeFileSync(join(target, "file"), "theirs");
    return makerOf("ours")(scratch);
  });
  expect(await overtaken).toBe(false);
  expect(readFileSync(join(target, "file"), "utf8")).toBe("theirs");
});

describe("after a process was killed", () => {
  const long = new Date(Date.now() - 24 * 3_600_000);

  test("its lock is not waited for, its remains go and the tool is made again", async () => {
    const target = join(sandbox.cache, "tool", "1.0.0");
    mkdirSync(`${target}.partial-old/output`, { recursive: true });
    writeFileSync(`${target}.lock`, "");
    utimesSync(`${target}.partial-old`, long, long);
    utimesSync(`${target}.lock`, long, long);
    expect(await fill(target, makerOf("again"))).toBe(true);
    expect(readdirSync(join(sandbox.cache, "tool"))).toEqual(["1.0.0"]);
  });
});

test("a folder belongs to a version and a recipe", () => {
  const tool = toolFrom(scriptSource("1.3.0"));
  const folder = cachedFolder("tool", tool);
  expect(folder.startsWith(join(sandbox.cache, "tool", "1.3.0-"))).toBe(true);
  expect(cachedFolder("tool", toolFrom(scriptSource("9.9.9")))).toBe(folder);
  expect(cachedFolder("tool", { ...tool, version: "1.3.1" })).not.toBe(folder);
  expect(cachedFolder("tool", toolFrom(sourceOf(async () => undefined, "built otherwise")))).not.toBe(folder);
});

test("the default is the user's cache folder, never the work tree", () => {
  const { XDG_CACHE_HOME } = process.env;
  delete process.env.OMEGA_TOOLCHAIN_DIR;
  process.env.XDG_CACHE_HOME = "/somewhere/cache";
  const folder = cachedFolder("tool", toolFrom());
  if (XDG_CACHE_HOME === undefined) delete process.env.XDG_CACHE_HOME;
  else process.env.XDG_CACHE_HOME = XDG_CACHE_HOME;
  expect(folder.startsWith("/somewhere/cache/omega-toolchain/tool/")).toBe(true);
});
