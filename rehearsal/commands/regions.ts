import { planStack } from "../engine/plan";
import { chosenRegions, parallelRegions } from "../engine/regions";
import { openSession } from "../engine/session";
import { sideBySide, type StackRun } from "../engine/side-by-side";
import { readStackFile, type RegionalStack, regionalStacks } from "../engine/stack-file";
import { storedOutput } from "../engine/state";
import { controlPlaneOptions, ownKubeconfig, provideEnvironment } from "../environment";
import { UserError } from "../errors";
import { projectRoot, rehearsalPaths } from "../paths";
import { buildPolicyPack } from "../policy-pack";
import { tellStaying } from "./stack";

/** Its regions side by side, and what they share after them: it reads their outputs. */
export const up = (stack: string): Promise<void> => regionsFirst("up", stack);
export const preview = (stack: string): Promise<void> => regionsFirst("preview", stack);
export const refresh = (stack: string): Promise<void> => regionsFirst("refresh", stack);

/** What the regions share first, for it sends requests to them; and nothing more if that fails. */
export async function down(stack: string): Promise<void> {
  refuseSomeRegions(stack);
  const regions = await prepare(stack);
  const stacks = regions.map((region) => region.stack);
  for (const each of [stack, ...stacks]) tellStaying(each);
  const [shared] = await run("down", [stack]);
  const reason = `was not begun: ${stack} still stands before it`;
  const others = shared?.succeeded
    ? await run("down", stacks)
    : stacks.map((name) => ({ stack: name, succeeded: false, error: reason }));
  conclude("down", [...(shared ? [shared] : []), ...others]);
}

/** It would take what all regions share from those that stay. */
function refuseSomeRegions(stack: string): void {
  const chosen = chosenRegions(stack);
  const [first] = chosen;
  if (first === undefined || chosen.length === regionalStacks(projectRoot, stack).length) return;
  throw new UserError(
    `down of ${stack} takes what its regions share, and so all of them, or with REGIONS=none that alone. To take one: ` +
      `make evacuate STACK=${stack} REGION=${first.region}, make down STACK=${first.stack}, and then remove it from ` +
      `Pulumi.${stack}.yaml`,
  );
}

async function regionsFirst(command: "up" | "preview" | "refresh", stack: string): Promise<void> {
  const regions = await prepare(stack);
  const runs = await run(
    command,
    regions.map((region) => region.stack),
  );
  const missing = command === "refresh" ? [] : withoutGateway(stack);
  const shared = missing.length > 0 ? [notBegun(stack, missing)] : await run(command, [stack]);
  conclude(command, [...runs, ...shared]);
}

/** One region that failed today has the gateway of yesterday: what the regions share can go on by it. */
function withoutGateway(stack: string): string[] {
  if (readStackFile(projectRoot, stack).config["omega:edge"] === undefined) return [];
  return regionalStacks(projectRoot, stack)
    .map((region) => region.stack)
    .filter((name) => storedOutput(rehearsalPaths(), name, "gateway") === undefined);
}

const notBegun = (stack: string, missing: string[]): StackRun => ({
  stack,
  succeeded: false,
  error: `was not begun: it needs the output "gateway" of ${missing.join(", ")}, which no update has made yet`,
});

/** What all of them share, made once; their own runs would make it at the same time. */
async function prepare(stack: string): Promise<RegionalStack[]> {
  const regions = chosenRegions(stack);
  if (ownKubeconfig() !== undefined) {
    throw new UserError(`one cluster can't be ${regions.length} regions: give KUBECONFIG with the stack of one region`);
  }
  console.log(`\nConfiguration of ${stack}`);
  await planStack(projectRoot, stack);
  console.log("  valid");
  await buildPolicyPack();
  console.log("\nTools");
  const paths = rehearsalPaths();
  const log = (line: string): void => console.log(`  ${line}`);
  await controlPlaneOptions(paths, log);
  await openSession(paths, await provideEnvironment(paths, stack, log), stack);
  log(`${regions.map((region) => region.stack).join(", ")}: ${parallelRegions()} at a time`);
  return regions;
}

function run(command: string, stacks: string[]): Promise<StackRun[]> {
  console.log("");
  return sideBySide(command, stacks, parallelRegions(), console.log);
}

/** What became of each, at the end, where it is found; exit code 1 if one failed. */
function conclude(command: string, runs: StackRun[]): void {
  const lines = runs.map(({ stack, succeeded, error }) =>
    succeeded ? `  ${stack}: done` : `  ${stack}: ${error.replaceAll("\n", "\n    ")}`,
  );
  console.log(["", `${command}:`, ...lines].join("\n"));
  const failed = runs.filter(({ succeeded }) => !succeeded).map(({ stack }) => stack);
  if (failed.length > 0) throw new UserError(`${command} failed for ${failed.join(", ")}; the others are done`);
}
