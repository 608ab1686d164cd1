import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Fault, readFaults, withFaults } from "../../../rehearsal/providers/faults";
import { createTableStandIn } from "../../../rehearsal/providers/tables";
import { operation } from "./client";

const type = "random:index/randomUuid:RandomUuid";
const resource = { urn: "urn", type, name: "it" };
const basis: Fault = {
  ...{ type, operation: "create", nth: 1, seed: 1 },
  ...{ effect: "fail", milliseconds: 150, afterWrite: false },
};
const faulty = (fault: Partial<Fault>) => withFaults(createTableStandIn("random"), [{ ...basis, ...fault }]);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "faults-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileWith(text: string): string {
  const file = join(folder, "faults.yaml");
  writeFileSync(file, text);
  return file;
}

it("are read from a file, with defaults", () => {
  const file = fileWith(`- { type: "${type}", operation: create, effect: slow }`);
  expect(readFaults(file)).toEqual([{ ...basis, effect: "slow", milliseconds: 1000 }]);
});

it("report every mistake with its path", () => {
  const file = fileWith(
    "- { type: a, operation: make, effect: slow }\n- { type: b, operation: read, effect: slow, nth: 0 }",
  );
  expect(() => readFaults(file)).toThrow(/OMEGA_FAULTS[^]*0\.operation[^]*1\.nth/);
  expect(() => readFaults(fileWith("type: a"))).toThrow("the file: ");
});

it("fail the nth operation of their type alone, not counting previews", async () => {
  const standIn = faulty({ nth: 2, message: "no" });
  const create = (preview = false) => standIn.create(resource, {}, operation({ preview }));
  await create(true);
  await create();
  await expect(create()).rejects.toThrow("no");
  await expect(create()).resolves.toBeDefined();
});

it("fail the operation of one resource alone, whichever comes first", async () => {
  const standIn = faulty({ name: "it", message: "no" });
  await expect(standIn.create({ ...resource, name: "other" }, {}, operation())).resolves.toBeDefined();
  await expect(standIn.create(resource, {}, operation())).rejects.toThrow("no");
});

it("throttle for a while, and say so", async () => {
  const report = jest.fn();
  await faulty({ effect: "throttle" }).create(resource, {}, operation({ report }));
  expect(report.mock.calls.flat()).toEqual([
    expect.stringContaining("trying again in 100 ms"),
    expect.stringContaining("trying again in 200 ms"),
  ]);
});

it("throttle a share of all tries of all types of a package; the provider's retries hide it", async () => {
  const report = jest.fn();
  const standIn = faulty({ type: "random:*", effect: "throttle", share: 0.3 });
  for (let index = 0; index < 100; index++) {
    const created = standIn.create({ ...resource, name: `it-${index}` }, {}, operation({ report }));
    await expect(created).resolves.toBeDefined();
  }
  // 0.3 / (1 - 0.3) retries for each are expected, 43 for all; the draw is the same every time.
  expect(report.mock.calls.length).toBeGreaterThan(25);
  expect(report.mock.calls.length).toBeLessThan(65);
});

it("fail a share of all operations: the same ones every time, others with another seed", async () => {
  const failed = async (fault: Partial<Fault>) => {
    const standIn = faulty({ type: "random:*", ...fault });
    const names = Array.from({ length: 40 }, (_, index) => `it-${index}`);
    const ended = await Promise.allSettled(names.map((name) => standIn.create({ ...resource, name }, {}, operation())));
    return names.filter((_, index) => ended[index]?.status === "rejected");
  };
  const some = await failed({ share: 0.5 });
  expect(some.length).toBeGreaterThan(10);
  expect(some.length).toBeLessThan(30);
  expect(await failed({ share: 0.5 })).toEqual(some);
  expect(await failed({ share: 0.5, seed: 2 })).not.toEqual(some);
  expect(await failed({ share: 1 })).toHaveLength(40);
  expect(await failed({ share: 1, type: "aws:*" })).toEqual([]);
});

it("throttle beyond what the provider retries: its error reaches the user", async () => {
  const throttled = faulty({ effect: "throttle", share: 1 }).create(resource, {}, operation());
  await expect(throttled).rejects.toThrow(
    "exceeded maximum number of attempts, 25: ThrottlingException: Rate exceeded",
  );
}, 30_000);

it("slow an operation down until it is cancelled", async () => {
  const controller = new AbortController();
  const creation = faulty({ effect: "slow", milliseconds: 60_000 }).create(
    resource,
    {},
    operation({ signal: controller.signal }),
  );
  controller.abort();
  await expect(creation).rejects.toThrow("abort");
});

it.each([false, true])("crash hard, after the write: %p", async (afterWrite) => {
  const kill = jest.spyOn(process, "kill").mockReturnValue(true);
  const standIn = createTableStandIn("random");
  const create = jest.spyOn(standIn, "create").mockImplementation(async () => {
    expect(kill).toHaveBeenCalledTimes(afterWrite ? 0 : 1);
    return { id: "a", outputs: {} };
  });
  const crashing = withFaults(standIn, [{ ...basis, effect: "crash", afterWrite }]);
  await crashing.create(resource, {}, operation());
  expect(create).toHaveBeenCalled();
  expect(kill).toHaveBeenCalledWith(process.pid, "SIGKILL");
  kill.mockRestore();
});
