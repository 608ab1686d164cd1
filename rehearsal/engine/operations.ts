import type { EngineEvent } from "@pulumi/pulumi/automation";
import { UserError } from "../errors";
import { type Observation, observer, type Verbs } from "./progress";
import type { Session } from "./session";

type Run = (options: { onEvent(event: EngineEvent): void; color: "never" }) => Promise<unknown>;

/** Would the update pass, and what would it change? Creates nothing. */
export function preview({ stack, policyPack }: Session): Promise<Observation> {
  return follow("preview", true, (options) => stack.preview({ ...options, policyPacks: [policyPack] }));
}

/** Makes the stack what the program says. The pack is asked again: now all values are known. */
export function update({ stack, policyPack }: Session): Promise<Observation> {
  return follow("update", false, (options) => stack.up({ ...options, policyPacks: [policyPack] }));
}

/** Reads what exists; the changes are what has drifted. */
export function refresh({ stack }: Session): Promise<Observation> {
  return follow("refresh", false, (options) => stack.refresh(options), { update: "drifted", delete: "gone" });
}

export function destroy({ stack }: Session): Promise<Observation> {
  return follow("destroy", false, (options) => stack.destroy(options));
}

const engineVerbs: Verbs = {
  "create-replacement": "create the replacement of",
  "delete-replaced": "delete the replaced",
};

async function follow(operation: string, isPreview: boolean, run: Run, verbs = engineVerbs): Promise<Observation> {
  const { observe, observation } = observer(process.stdout, isPreview, verbs);
  let failure: unknown;
  try {
    await run({ onEvent: observe, color: "never" });
  } catch (error) {
    failure = error;
  }
  const violations = observation.violations.filter(({ mandatory }) => mandatory);
  if (violations.length > 0) {
    const before = isPreview ? " before anything was created" : "";
    const listed = violations.map(({ policy, message }) => `  ${policy}: ${message.replaceAll("\n", "\n    ")}`);
    throw new UserError(`The policy pack stopped the ${operation}${before}:\n${listed.join("\n")}`);
  }
  if (failure === undefined) return observation;
  const reasons = observation.errors.length > 0 ? observation.errors : [engineMessage(failure)];
  throw new UserError(
    `The ${operation} failed:\n${reasons.map((reason) => `  ${reason.replaceAll("\n", "\n  ")}`).join("\n")}`,
  );
}

/** The Automation API's error repeats the whole output; its standard error says why. */
function engineMessage(failure: unknown): string {
  const text = failure instanceof Error ? failure.message : String(failure);
  const [, afterStandardError] = text.split("\n stderr: ");
  return (afterStandardError ?? text).split("\n err?: ")[0]?.trim() ?? text;
}
