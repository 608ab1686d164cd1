import { readdirSync } from "node:fs";
import { examineFrom, examineTools } from "../../../rehearsal/toolchain/examine";
import { goProgram } from "../../../rehearsal/toolchain/go";
import { provideFrom } from "../../../rehearsal/toolchain/provide";
import { release } from "../../../rehearsal/toolchain/release";
import { putProgram, script, scriptSource, toolFrom, useSandbox } from "./sandbox";

const sandbox = useSandbox();
const somewhere = release(() => ({ url: "http://127.0.0.1:1/tool" }));
const pins = Object.fromEntries(
  ["linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"].map((platform) => [`pinned@1.3.0/${platform}`, "0"]),
);

test("each tool is where provideTools would have it, with what rules out the places before", async () => {
  putProgram(sandbox.programs, "present", script("1.5.0"));
  putProgram(sandbox.programs, "go", script("1.26.0"));
  const tools = {
    present: toolFrom(scriptSource("1.3.0")),
    cached: toolFrom(scriptSource("1.3.0")),
    pinned: toolFrom(somewhere),
    unpinned: toolFrom(somewhere, goProgram("example.org/tool")),
    lost: toolFrom(somewhere),
  };
  await provideFrom(tools, ["cached"]);
  const unpinned = "not downloaded from its official release: no pinned checksum";
  const { tools: found, ...totals } = await examineFrom(
    tools,
    ["present", "cached", "pinned", "unpinned", "lost"],
    pins,
  );
  expect(found).toEqual([
    { name: "present", from: "PATH", version: "1.5.0", diskMegabytes: 0, notes: [] },
    { name: "cached", from: "cached", version: "1.3.0", diskMegabytes: 1, notes: ["PATH: not found"] },
    { name: "pinned", from: "release", version: "1.3.0", diskMegabytes: 7, notes: ["PATH: not found"] },
    { name: "unpinned", from: "registry", version: "1.3.0", diskMegabytes: 7, notes: ["PATH: not found", unpinned] },
    { name: "lost", from: "nowhere", version: "1.3.0", diskMegabytes: 7, notes: ["PATH: not found", unpinned] },
  ]);
  expect(totals).toEqual({ diskMegabytes: 0 + 1 + 7 + 7 + 7 + 9_000, memoryMegabytes: 500 });
  expect(readdirSync(sandbox.cache).sort()).toEqual(["cached", "logs"]);
});

test("the catalogue's engine and control plane can be had from registries where Go and Python are", async () => {
  for (const program of ["go", "python3"]) putProgram(sandbox.programs, program, script("1.0.0"));
  process.env.PATH = sandbox.programs;
  const { tools, memoryMegabytes } = await examineTools(["pulumi", "etcd", "kube-apiserver", "kubectl", "istio-crds"]);
  expect(tools.map((tool) => tool.from)).toEqual(Array(5).fill("registry"));
  expect(memoryMegabytes).toBe(1_745);
});
