import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { z } from "zod";
import type { ResourceReference, StandIn } from "./stand-in";

const fault = z.strictObject({
  type: z.string().min(1),
  /** Of the one resource; without it of all of this type, and which of them comes first is chance. */
  name: z.string().min(1).optional(),
  operation: z.enum(["create", "update", "delete", "read"]),
  /** The first operation of this kind on this type, or resource, in a provider process is 1; previews don't count. */
  nth: z.int().min(1).default(1),
  effect: z.enum(["fail", "throttle", "slow", "crash"]),
  /** How long `throttle` and `slow` last. */
  milliseconds: z.int().min(0).default(1000),
  message: z.string().optional(),
  /** `slow` and `crash`: the cloud has done the work, but the engine hears of it late, or never. */
  afterWrite: z.boolean().default(false),
});

export type Fault = z.infer<typeof fault>;

/** Every mistake in the file at once. */
export function readFaults(file: string): Fault[] {
  const result = z.array(fault).safeParse(parse(readFileSync(file, "utf8")));
  if (result.success) return result.data;
  const mistakes = result.error.issues.map(
    ({ path, message }) => `  ${path.map(String).join(".") || "the file"}: ${message}`,
  );
  throw new Error(`${file} (OMEGA_FAULTS):\n${mistakes.join("\n")}`);
}

interface Surroundings {
  report(message: string): void;
  signal?: AbortSignal;
}

async function delayOrCrash({ effect, milliseconds }: Fault, { signal }: Surroundings): Promise<void> {
  if (effect === "slow") await sleep(milliseconds, undefined, signal && { signal });
  if (effect === "crash") process.kill(process.pid, "SIGKILL");
}

/** Real providers retry a throttled call with growing delays and say so. */
async function waitOutThrottling({ milliseconds, message }: Fault, { report, signal }: Surroundings): Promise<void> {
  const end = Date.now() + milliseconds;
  for (let delay = 100; Date.now() < end; delay *= 2) {
    report(`${message ?? "429 Too Many Requests: ThrottlingException: Rate exceeded"}; trying again in ${delay} ms`);
    await sleep(delay, undefined, signal && { signal });
  }
}

/** The same stand-in, failing as told. */
export function withFaults(standIn: StandIn, faults: readonly Fault[]): StandIn {
  const counts = new Map<string, number>();

  async function run<Result>(
    operation: Fault["operation"],
    { type, name }: ResourceReference,
    surroundings: Surroundings,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const count = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1).get(key);
    const ofType = count(`${operation} ${type}`);
    const ofResource = count(`${operation} ${type} ${name}`);
    const isDue = (one: Fault) =>
      one.name === undefined ? one.nth === ofType : one.name === name && one.nth === ofResource;
    const due = faults.find((one) => one.operation === operation && one.type === type && isDue(one));
    if (due?.effect === "fail")
      throw new Error(due.message ?? `InternalFailure: can't ${operation} ${name} (asked for by OMEGA_FAULTS)`);
    if (due?.effect === "throttle") await waitOutThrottling(due, surroundings);
    if (due?.afterWrite === false) await delayOrCrash(due, surroundings);
    const result = await work();
    if (due?.afterWrite === true) await delayOrCrash(due, surroundings);
    return result;
  }

  return {
    package: standIn.package,
    checkConfig: (arguments_) => standIn.checkConfig(arguments_),
    diffConfig: (olds, news) => standIn.diffConfig(olds, news),
    configure: (arguments_) => standIn.configure(arguments_),
    check: (resource, olds, news, randomSeed) => standIn.check(resource, olds, news, randomSeed),
    diff: (resource, news, ignoreChanges) => standIn.diff(resource, news, ignoreChanges),
    invoke: (token, arguments_) => standIn.invoke(token, arguments_),
    create(resource, inputs, operation) {
      const work = () => standIn.create(resource, inputs, operation);
      return operation.preview ? work() : run("create", resource, operation, work);
    },
    update(resource, news, operation) {
      const work = () => standIn.update(resource, news, operation);
      return operation.preview ? work() : run("update", resource, operation, work);
    },
    delete: (resource, operation) => run("delete", resource, operation, () => standIn.delete(resource, operation)),
    read: (resource) => run("read", resource, { report: () => undefined }, () => standIn.read(resource)),
  };
}
