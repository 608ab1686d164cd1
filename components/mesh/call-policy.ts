import { type ArgumentProblem, wholeNumberProblems } from "../arguments";
import { type Bulkhead, defaultTimeoutMilliseconds } from "./bulkheads";
import type { HttpRoute } from "./istio";

/** How calls of one class to one host are bounded in time. */
export interface CallPolicyArgs {
  /** Class of these calls: the pool that they share with no other class. */
  bulkhead: Bulkhead;
  /** Milliseconds for everything: queue, tries and answer. Default 2,000 critical, 5,000 standard, 60,000 background. */
  timeoutMilliseconds?: number;
  /** Further tries after the first one, from 0 to 5. Default 2. */
  retries?: number;
  /** Milliseconds for each try. Default, for calls that may be repeated: the timeout in equal parts. */
  perTryMilliseconds?: number;
  /** Whether a call may be repeated although the callee may have done it. Default no. */
  idempotent?: boolean;
}

export interface CallPolicy extends Required<Omit<CallPolicyArgs, "perTryMilliseconds">> {
  /** Unset: a slow call is not tried again, so one try may take the whole timeout. */
  perTryMilliseconds: number | undefined;
}

const leastPerTryMilliseconds = 10;

export function callPolicy(args: CallPolicyArgs): CallPolicy {
  const { bulkhead, retries = 2, idempotent = false } = args;
  const timeoutMilliseconds = args.timeoutMilliseconds ?? defaultTimeoutMilliseconds(bulkhead);
  const share = idempotent && retries > 0 ? Math.floor(timeoutMilliseconds / (retries + 1)) : undefined;
  return { bulkhead, timeoutMilliseconds, retries, idempotent, perTryMilliseconds: args.perTryMilliseconds ?? share };
}

export function callPolicyProblems(args: CallPolicyArgs, path: string): ArgumentProblem[] {
  const { timeoutMilliseconds, retries, perTryMilliseconds } = callPolicy(args);
  const problems: ArgumentProblem[] = [];
  const whole = (key: string, value: number, least: number, most: number) => {
    problems.push(...wholeNumberProblems(`${path}.${key}`, value, least, most));
  };
  whole("timeoutMilliseconds", timeoutMilliseconds, leastPerTryMilliseconds, 600_000);
  whole("retries", retries, 0, 5);
  if (args.perTryMilliseconds !== undefined) {
    whole("perTryMilliseconds", args.perTryMilliseconds, leastPerTryMilliseconds, 600_000);
  }
  const needed = (perTryMilliseconds ?? 0) * (retries + 1);
  if (needed > timeoutMilliseconds) {
    const reason = `is ${timeoutMilliseconds}, must be at least ${needed}: ${retries + 1} tries of ${perTryMilliseconds} ms`;
    problems.push({ path: `${path}.timeoutMilliseconds`, reason });
  }
  return problems;
}

/** What never reached the callee may always be tried again. */
const unreached = ["connect-failure", "refused-stream", "unavailable", "cancelled", "reset-before-request"];
/** For these the callee may have done the work. */
const doubtful = ["gateway-error", "reset"];

/** A route's bounds; without them Istio lets a call take for ever. */
export function timeBounds(policy: CallPolicy): Pick<HttpRoute, "timeout" | "retries"> {
  const { timeoutMilliseconds, retries, perTryMilliseconds, idempotent } = policy;
  const retryOn = [...unreached, ...(idempotent ? doubtful : [])].join(",");
  return {
    timeout: `${timeoutMilliseconds}ms`,
    retries:
      retries === 0
        ? { attempts: 0 }
        : {
            attempts: retries,
            retryOn,
            ...(perTryMilliseconds === undefined ? {} : { perTryTimeout: `${perTryMilliseconds}ms` }),
          },
  };
}

/**
 * Time for each host when one after the other fails: the primary has its timeout t, fallback i gets (i + 2) × t (the
 * architecture's escalation). The mesh bounds each of these calls; whoever calls tries them in turn.
 */
export function escalation(primaryMilliseconds: number, fallbacks: number): number[] {
  return [1, ...Array.from({ length: fallbacks }, (_, index) => index + 2)].map(
    (factor) => factor * primaryMilliseconds,
  );
}
