import type { EngineEvent } from "@pulumi/pulumi/automation";
import { UserError } from "../errors";
import { type Observation, observer, type Verbs } from "./progress";
import type { Session } from "./session";
import { addUnanswered } from "./unanswered";

type Run = (options: { onEvent(event: EngineEvent): void; color: "never"; signal: AbortSignal }) => Promise<unknown>;

/** Would the update pass, and what would it change? Creates nothing. */
export function preview(session: Session): Promise<Observation> {
  const { stack, policyPack } = session;
  return follow(session, "preview", (options) => stack.preview({ ...options, policyPacks: [policyPack] }));
}

/** Makes the stack what the program says. The pack is asked again: now all values are known. */
export function update(session: Session): Promise<Observation> {
  const { stack, policyPack } = session;
  return follow(session, "update", (options) => stack.up({ ...options, policyPacks: [policyPack] }));
}

/** Reads what exists; the changes are what has drifted. */
export function refresh(session: Session): Promise<Observation> {
  return follow(session, "refresh", (options) => session.stack.refresh(options), { update: "drifted", delete: "gone" });
}

/** Deletes all but what is protected, and what that needs. */
export async function destroy(session: Session): Promise<Observation> {
  const { deployment } = (await session.stack.exportStack()) as { deployment: { resources?: { protect?: boolean }[] } };
  const excludeProtected = (deployment.resources ?? []).some(({ protect }) => protect === true);
  return follow(session, "destroy", (options) => session.stack.destroy({ ...options, excludeProtected }));
}

const engineVerbs: Verbs = {
  "create-replacement": "create the replacement of",
  "delete-replaced": "delete the replaced",
};

async function follow(session: Session, operation: string, run: Run, verbs = engineVerbs): Promise<Observation> {
  const isPreview = operation === "preview";
  const { observe, observation } = observer(process.stdout, isPreview, verbs);
  const interruption = onInterrupt();
  let failure: unknown;
  try {
    await run({ onEvent: observe, color: "never", signal: interruption.signal });
  } catch (error) {
    failure = error;
  } finally {
    interruption.end();
  }
  addUnanswered(session, observation.unanswered);
  if (failure === undefined) return observation;
  if (interruption.happened()) throw new UserError(`The ${operation} was cancelled. ${again}`);
  const violations = observation.violations.filter(({ mandatory }) => mandatory);
  if (violations.length > 0) {
    const before = isPreview ? " before anything was created" : "";
    const listed = violations.map(({ policy, message }) => `  ${policy}: ${message.replaceAll("\n", "\n    ")}`);
    throw new UserError(`The policy pack stopped the ${operation}${before}:\n${listed.join("\n")}`);
  }
  const reasons = observation.errors.length > 0 ? observation.errors : [engineMessage(failure)];
  throw new UserError(
    `The ${operation} failed:\n${reasons.map((reason) => `  ${reason.replaceAll("\n", "\n  ")}`).join("\n")}`,
  );
}

const again = "The next run settles what was under way and goes on from there.";

/** The Automation API's error repeats the whole output; its standard error, which comes first, says why. */
function engineMessage(failure: unknown): string {
  const text = failure instanceof Error ? failure.message : String(failure);
  const killed = /was killed with (SIG\w+)/.exec(text);
  if (killed) return `the engine was killed (${killed[1]}). ${again}`;
  const [, afterStandardError] = text.split("\n stderr: ");
  const [standardError = text] = (afterStandardError ?? text).split(
    /\n err\?: |^(?:Previewing|Updating|Refreshing|Destroying)\b/m,
  );
  return standardError.replace(/^Command failed with exit code .*\n/, "").trim();
}

/** For which a program that failed may still end by itself. */
const stuckMilliseconds = 10_000;

/** Ctrl-C asks the engine to end what is under way, and asked again to drop it; this process ends after it. */
function onInterrupt(): { signal: AbortSignal; happened(): boolean; end(): void } {
  const controller = new AbortController();
  let count = 0;
  const interrupt = (signal: NodeJS.Signals): void => {
    count += 1;
    console.log("\n  Cancelling: what is under way comes to its end; Ctrl-C again drops it.");
    // A terminal has told the engine itself; told twice, it would not wait.
    if (signal === "SIGTERM" || !process.stdin.isTTY) controller.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  // What waits for a mistake inside an apply waits for ever. The engine lets what is under way come to its end.
  let stuck: NodeJS.Timeout | undefined;
  const reject = (): void => void (stuck ??= setTimeout(() => controller.abort(), stuckMilliseconds));
  process.on("unhandledRejection", reject);
  return {
    signal: controller.signal,
    happened: () => count > 0,
    end: () => {
      clearTimeout(stuck);
      process.off("unhandledRejection", reject);
      for (const signal of signals) process.off(signal, interrupt);
    },
  };
}
