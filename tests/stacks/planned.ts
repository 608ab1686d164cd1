import { type Plan, planProgram } from "../../rehearsal/engine/plan";
import { readStackFile } from "../../rehearsal/engine/stack-file";
import { projectRoot } from "../../rehearsal/paths";
import { readConfiguration } from "../../stacks/config";
import { gatewayAddresses } from "../../stacks/global";
import { buildPlatform } from "../../stacks/platform";
import { previousLayout } from "../../stacks/previous";

// A whole stack takes seconds, and more beside other tests.
jest.setTimeout(60_000);

const known = new Map<string, Promise<Plan>>();

/** A stack as its file and a change of it say, under mocks; the same question is answered once. */
export function planned(stack: string, change: Record<string, unknown> = {}, isPreview = true): Promise<Plan> {
  const question = JSON.stringify([stack, change, isPreview]);
  const plan = known.get(question) ?? planAnew(stack, change, isPreview);
  known.set(question, plan);
  return plan;
}

function planAnew(stack: string, change: Record<string, unknown>, isPreview: boolean): Promise<Plan> {
  const { config, secrets } = readStackFile(projectRoot, stack);
  const program = async () => {
    const configuration = readConfiguration(projectRoot, await previousLayout());
    return { ...buildPlatform(configuration, await gatewayAddresses(configuration)) };
  };
  return planProgram(program, stack, { config: { ...config, ...change }, secrets }, isPreview);
}
