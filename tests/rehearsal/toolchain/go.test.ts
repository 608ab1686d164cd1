import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { goFiles, goProgram, stagingModules } from "../../../rehearsal/toolchain/go";
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
