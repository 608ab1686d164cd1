import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { goFiles, goProgram, replaceLines, stagingModules } from "../../../rehearsal/toolchain/go";
import type { Work } from "../../../rehearsal/toolchain/tool";
import { useSandbox } from "./sandbox";

const sandbox = useSandbox();
const upstreamGoMod = `module k8s.io/kubernetes
require (
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822
	k8s.io/api v0.0.0
	k8s.io/utils v0.3.1
)
require k8s.io/kubelet v0.0.0
replace k8s.io/api => ./staging/src/k8s.io/api
`;

interface Call {
  parameters: readonly string[];
  environment: Readonly<Record<string, string>> | undefined;
}

function workIn(root: string, module: string, calls: Call[]): Work {
  const work: Work = {
    name: "tool",
    version: "1.3.0",
    checksums: {},
    output: join(root, "output"),
    scratch: join(root, "scratch"),
    run: async (_file, parameters, environment) => {
      calls.push({ parameters, environment });
      return JSON.stringify({ Dir: module, GoMod: join(module, "go.mod") });
    },
    inTurn: (task) => task(),
  };
  mkdirSync(work.output);
  mkdirSync(work.scratch);
  return work;
}

test("only modules required at exactly v0.0.0 are staged in their requirer", () => {
  expect(stagingModules(upstreamGoMod)).toEqual(["k8s.io/api", "k8s.io/kubelet"]);
});

test("a program is built in a module that requires it and replaces what upstream stages", async () => {
  writeFileSync(join(sandbox.root, "go.mod"), upstreamGoMod);
  const calls: Call[] = [];
  const work = workIn(sandbox.root, sandbox.root, calls);
  await goProgram("k8s.io/kubernetes", {
    package: "cmd/tool",
    versionVariable: "k8s.io/version.gitVersion",
    stagingVersion: "v0.37.2",
  }).make(work);
  expect(readFileSync(join(work.scratch, "go.mod"), "utf8")).toBe(
    [
      "module rehearsal",
      "go 1.26",
      "require k8s.io/kubernetes v1.3.0",
      "replace k8s.io/api => k8s.io/api v0.37.2",
      "replace k8s.io/kubelet => k8s.io/kubelet v0.37.2",
      "",
    ].join("\n"),
  );
  const build = calls.at(-1);
  expect(build?.parameters).toEqual([
    "build",
    "-trimpath",
    "-ldflags",
    "-s -w -X k8s.io/version.gitVersion=v1.3.0",
    "-o",
    join(work.output, "tool"),
    "k8s.io/kubernetes/cmd/tool",
  ]);
  expect(build?.environment).toMatchObject({ CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GOBIN: "", GOWORK: "off" });
});

test("upstream's replacements are taken over, those by a folder of its repository at the version given", () => {
  const goMod = [
    "replace example.org/old v1.0.0 => example.org/new v1.2.0",
    "replace (",
    "\texample.org/fork => example.org/ours v2.0.0",
    "\texample.org/tool/api => ./api",
    "\texample.org/tool/pinned v1.0.0 => ../pinned",
    "\texample.org/tool/unknown => ./unknown",
    ")",
    "",
    "replace example.org/last => example.org/fixed v3.0.0",
  ].join("\n");
  expect(replaceLines(goMod, { "example.org/tool/api": "v0.5.0", "example.org/tool/pinned": "v0.6.0" })).toEqual([
    "replace example.org/old v1.0.0 => example.org/new v1.2.0",
    "replace example.org/fork => example.org/ours v2.0.0",
    "replace example.org/tool/api => example.org/tool/api v0.5.0",
    "replace example.org/tool/pinned v1.0.0 => example.org/tool/pinned v0.6.0",
    "replace example.org/last => example.org/fixed v3.0.0",
  ]);
});

test("a program is built with the replacements of its own repository only where it is told their versions", async () => {
  writeFileSync(join(sandbox.root, "go.mod"), "replace example.org/tool/api => ./api\n");
  const goModOf = async (program: Parameters<typeof goProgram>[1]) => {
    const work = workIn(mkdtempSync(join(sandbox.root, "work-")), sandbox.root, []);
    await goProgram("example.org/tool", program).make(work);
    return readFileSync(join(work.scratch, "go.mod"), "utf8");
  };
  const replaced = "replace example.org/tool/api => example.org/tool/api v0.5.0";
  expect(await goModOf({ replacements: { "example.org/tool/api": "v0.5.0" } })).toContain(replaced);
  expect(await goModOf({ replacements: {} })).not.toContain("replace");
  expect(await goModOf({})).not.toContain("replace");
});

test("upstream's checksums are taken over with its replacements", async () => {
  writeFileSync(join(sandbox.root, "go.mod"), "");
  writeFileSync(join(sandbox.root, "go.sum"), "example.org/gone v0.1.0 h1:checksum");
  const work = workIn(sandbox.root, sandbox.root, []);
  await goProgram("example.org/tool", { replacements: {} }).make(work);
  expect(readFileSync(join(work.scratch, "go.sum"), "utf8")).toContain("example.org/gone");
});

test("a main package of our own is built around the module's packages", async () => {
  const calls: Call[] = [];
  const work = workIn(sandbox.root, sandbox.root, calls);
  await goProgram("example.org/tool", { main: "package main" }).make(work);
  expect(readFileSync(join(work.scratch, "main.go"), "utf8")).toBe("package main");
  expect(readFileSync(join(work.scratch, "go.mod"), "utf8")).toContain("require example.org/tool v1.3.0");
  expect(calls.map(({ parameters }) => parameters.at(-1))).toEqual([".", "."]);
});

test("files and folders are copied under their paths", async () => {
  const module = join(sandbox.root, "module");
  mkdirSync(join(module, "stages", "fast"), { recursive: true });
  for (const name of ["crd.yaml", "other.yaml", "stages/fast/ready.yaml"]) {
    writeFileSync(join(module, name), name, { mode: 0o444 });
  }
  const work = workIn(sandbox.root, module, []);
  await goFiles("example.org/module", ["crd.yaml", "stages"]).make(work);
  const copied = readdirSync(work.output, { recursive: true, encoding: "utf8" });
  expect(copied.sort()).toEqual(["crd.yaml", "stages", "stages/fast", "stages/fast/ready.yaml"]);
  expect(readFileSync(join(work.output, "stages/fast/ready.yaml"), "utf8")).toBe("stages/fast/ready.yaml");
});
