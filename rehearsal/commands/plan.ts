import { planStack } from "../engine/plan";
import { planReport } from "../engine/plan-report";
import { configurationLines } from "../engine/stack-file";
import { projectRoot } from "../paths";
import { loadPureRules } from "../policy-pack";

/** What a stack would be, in seconds and with Node alone. Exit code 1 if the pack's rules find a violation. */
export async function plan(stack: string): Promise<void> {
  const planned = await planStack(projectRoot, stack);
  const { evaluate, policies } = await loadPureRules();
  const verdicts = evaluate(planned.resources);
  console.log(planReport(stack, planned, configurationLines(projectRoot, stack), verdicts, policies.length));
  if (verdicts.length > 0) process.exitCode = 1;
}
