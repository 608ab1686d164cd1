import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { z } from "zod";
import type { ResourceReference, StandIn } from "./stand-in";

const fault = z.strictObject({
  /** Token of a type, or the beginning of some with a star behind it: `aws:*`. */
  type: z.string().min(1),
  /** Of the one resource; without it of all of this type, and which of them comes first is chance. */
  name: z.string().min(1).optional(),
  operation: z.enum(["create", "update", "delete", "read"]),
  /** The first operation of this kind on this type, or resource, in a provider process is 1; previews don't count. */
  nth: z.int().min(1).default(1),
  /** In place of `nth`: this part of all such operations, more than 0 and up to 1, drawn by `seed`. */
  share: z.number().gt(0).max(1).exactOptional(),
  seed: z.int().default(1),
  effect: z.enum(["fail", "throttle", "slow", "crash"]),
  /** How long `throttle` (without `share`) and `slow` last. */
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

/**
 * The AWS provider's `maxRetries`, and the first and longest wait between tries, in milliseconds. The waits are a hundredth
 * of the SDK's (aws-sdk-go-v2, aws/retry: 20 s at most), so that rehearsals end.
 */
const tries = { count: 25, firstMilliseconds: 10, longestMilliseconds: 200 };

/** Between 0 and 1, and the same for the same words whatever came before. */
function drawn(...words: (string | number)[]): number {
  return createHash("sha256").update(words.join("\n")).digest().readUInt32BE() / 2 ** 32;
}

/** Each try is throttled with the same chance: the provider's own retries hide it, unless none of them gets through. */
async function retryWhileThrottled(one: Fault, of: string, { report, signal }: Surroundings): Promise<void> {
  const message = one.message ?? "ThrottlingException: Rate exceeded";
  for (let attempt = 1; drawn(one.seed, of, attempt) < (one.share ?? 0); attempt++) {
    if (attempt === tries.count) throw new Error(`exceeded maximum number of attempts, ${tries.count}: ${message}`);
    const delay = Math.min(tries.firstMilliseconds * 2 ** (attempt - 1), tries.longestMilliseconds);
    report(`${message}; attempt ${attempt} of ${tries.count}, trying again in ${delay} ms`);
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
    const count = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1).get(key) ?? 1;
    const ofType = count(`${operation} ${type}`);
    const ofResource = count(`${operation} ${type} ${name}`);
    const isOfType = (one: Fault) =>
      one.type.endsWith("*") ? type.startsWith(one.type.slice(0, -1)) : one.type === type;
    const isDrawn = (one: Fault, share: number) =>
      one.effect === "throttle" || drawn(one.seed, name, ofResource) < share;
    const isDue = (one: Fault) => {
      if (one.name !== undefined && one.name !== name) return false;
      if (one.share !== undefined) return isDrawn(one, one.share);
      return one.nth === (one.name === undefined ? ofType : ofResource);
    };
    const due = faults.find((one) => one.operation === operation && isOfType(one) && isDue(one));
    if (due?.effect === "fail")
      throw new Error(due.message ?? `InternalFailure: can't ${operation} ${name} (asked for by OMEGA_FAULTS)`);
    if (due?.effect === "throttle" && due.share === undefined) await waitOutThrottling(due, surroundings);
    if (due?.effect === "throttle" && due.share !== undefined)
      await retryWhileThrottled(due, `${operation} ${type} ${name} ${ofResource}`, surroundings);
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
