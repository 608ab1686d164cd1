import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  isRunning,
  ProcessGroup,
  processStartTime,
  startTimeFromPs,
  startTimeFromStat,
  withLock,
} from "../../../rehearsal/control-plane/processes";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "processes-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const definition = { name: "sleeper", command: "/bin/sleep", args: ["60"] };

test("the start time is the 22nd field, whatever the name holds", () => {
  const fields = Array.from({ length: 30 }, (_, index) => String(index + 4)).join(" ");
  expect(startTimeFromStat(`17 (odd ) name (x) S ${fields}`)).toBe("22");
  expect(startTimeFromStat(`17 (sleep) Z ${fields}`)).toBeUndefined();
  expect(startTimeFromStat("")).toBeUndefined();
});

test("ps names the start time too", () => {
  expect(startTimeFromPs("Ss   Mon Nov 23 17:53:16 2026\n")).toBe("Mon Nov 23 17:53:16 2026");
  expect(startTimeFromPs("Z    Mon Nov 23 17:53:16 2026\n")).toBeUndefined();
  expect(startTimeFromPs("")).toBeUndefined();
});

test("a reused process id is another process", () => {
  const startTime = processStartTime(process.pid) ?? "";
  expect(isRunning({ pid: process.pid, startTime })).toBe(true);
  expect(isRunning({ pid: process.pid, startTime: "1" })).toBe(false);
});

test("a process is found again, and ended", async () => {
  await new ProcessGroup(folder).start(definition);
  const group = new ProcessGroup(folder);
  expect(group.isRunning("sleeper")).toBe(true);
  expect(statSync(group.logFile("sleeper")).mode & 0o777).toBe(0o600);
  await group.stop("sleeper");
  expect(group.isRunning("sleeper")).toBe(false);
});

test("a stranger under a recorded id is left alone", async () => {
  const stranger = spawn("/bin/sleep", ["60"]);
  const file = join(folder, "processes.json");
  writeFileSync(file, JSON.stringify({ sleeper: { pid: stranger.pid, startTime: "1" } }));
  await new ProcessGroup(folder).stop("sleeper");
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({});
  stranger.kill();
  await once(stranger, "exit");
});

test("a process that ends is reported with its last words and its log", async () => {
  const group = new ProcessGroup(folder);
  await group.start({ name: "etcd", command: "/bin/sh", args: ["-c", "echo no space left; sleep 0.1; exit 1"] });
  while (group.isRunning("etcd")) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(() => group.assertRunning()).toThrow(`etcd ended.\n  no space left\nLog: ${folder}/etcd.log`);
});

test("a missing tool is named", async () => {
  const started = new ProcessGroup(folder).start({ name: "kwok", command: "/missing/kwok", args: [] });
  await expect(started).rejects.toThrow("kwok can't be started: /missing/kwok is missing");
});

test("one command at a time; a lock of a dead process is no lock", async () => {
  const file = join(folder, "lock");
  await withLock(file, () => expect(withLock(file, async () => 1, 0)).rejects.toThrow(`Process ${process.pid} is`));
  writeFileSync(file, JSON.stringify({ pid: process.pid, startTime: "1" }));
  expect(await withLock(file, async () => 2)).toBe(2);
});

test("who comes while a lock is held waits for it, and nobody is there at the same time", async () => {
  const file = join(folder, "queue");
  const inside: string[] = [];
  const enter = (name: string) =>
    withLock(file, async () => {
      inside.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 30));
      inside.push(`${name} out`);
    });
  await Promise.all([enter("first"), enter("second")]);
  expect(inside).toEqual(["first in", "first out", "second in", "second out"]);
});
