import { type Plan, planProgram } from "../../rehearsal/engine/plan";
import { readStackFile } from "../../rehearsal/engine/stack-file";
import { projectRoot } from "../../rehearsal/paths";
import { readConfiguration } from "../../stacks/config";
import { buildPlatform } from "../../stacks/platform";
import { previousLayout } from "../../stacks/previous";

/** A stack as its file and a change of it say, under mocks. */
export function planned(stack: string, change: Record<string, unknown> = {}, isPreview = true): Promise<Plan> {
  const { config, secrets } = readStackFile(projectRoot, stack);
  const program = async () => ({ ...buildPlatform(readConfiguration(projectRoot, await previousLayout())) });
  return planProgram(program, stack, { config: { ...config, ...change }, secrets }, isPreview);
}
