import { examinationReport } from "../../rehearsal/examination-report";

test("a row for each tool, totals, and the tools that a note is about", () => {
  const report = examinationReport({
    tools: [
      { name: "pulumi", version: "3.250.0", from: "cached", diskMegabytes: 113, notes: ["PATH: not found"] },
      { name: "etcd", version: "3.7.3", from: "registry", diskMegabytes: 25, notes: ["PATH: not found"] },
      { name: "kubectl", version: "1.37.1", from: "PATH", diskMegabytes: 0, notes: [] },
      { name: "kwok", version: "0.8.0", from: "nowhere", diskMegabytes: 64, notes: ["no Go"] },
    ],
    diskMegabytes: 1_202,
    memoryMegabytes: 1_986,
  });
  expect(`\n${report}\n`).toBe(`
Tool     Version  From                         Disk
pulumi   3.250.0  cached                       113 MB
etcd     3.7.3    to be made from a registry   25 MB
kubectl  1.37.1   PATH
kwok     0.8.0    can't be had, see the notes  64 MB

Disk: 1,202 MB for all of them
Memory: 1,986 MB with one control plane running

Notes
  pulumi, etcd: PATH: not found
  kwok: no Go
`);
});

test("nothing is said about notes where there is none", () => {
  expect(examinationReport({ tools: [], diskMegabytes: 0, memoryMegabytes: 0 })).not.toContain("Notes");
});
