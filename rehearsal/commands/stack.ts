import * as engine from "../engine/operations";
import { planStack } from "../engine/plan";
import { deletable, type NamedResource, type Observation } from "../engine/progress";
import { refuseSecondRun } from "../engine/lock";
import type { PossibleOrphan } from "../engine/orphans";
import { forgetOrphans, recover } from "../engine/recovery";
import { part } from "../engine/regions";
import { openSession, type Session } from "../engine/session";
import { storedResources, whatStays } from "../engine/state";
import { type Environment, forgetCluster, provideEnvironment, rememberCluster } from "../environment";
import { projectRoot, rehearsalPaths } from "../paths";
import { buildPolicyPack } from "../policy-pack";
import { summary } from "../summary";

/** The stack alone, whatever others belong to it. */
export async function up(stack: string, argv: string[] = []): Promise<void> {
  const { session, environment } = await prepare(stack);
  step("Preview, with the policy pack");
  await report(engine.preview(session));
  rememberCluster(rehearsalPaths(), stack);
  step("Update, with the policy pack");
  await report(engine.update(session));
  forgetOrphans(session);
  if (!argv.includes(part)) console.log(await summary(session, environment));
}

export async function preview(stack: string): Promise<void> {
  const { session } = await prepare(stack);
  step("Preview, with the policy pack");
  const { changes } = await report(engine.preview(session));
  for (const { operation, type, name, properties } of changes) {
    console.log(`  ${operation} ${type} ${name}${properties.length > 0 ? `: ${properties.join(", ")}` : ""}`);
  }
}

export async function refresh(stack: string): Promise<void> {
  const { session } = await prepare(stack);
  step("Refresh: what exists against what the state says");
  await report(engine.refresh(session));
}

export async function down(stack: string): Promise<void> {
  const { session, environment } = await prepare(stack);
  const stays = tellStaying(stack);
  step("Destroy");
  await report(engine.destroy(session));
  forgetOrphans(session);
  if (stays) return;
  forgetCluster(rehearsalPaths(), stack);
  if (environment.hasSimulatedNodes) console.log("  The control plane still runs; `make stop` ends it.");
}

/** What `down` will leave of the stack, told before anything is deleted. Answers whether there is any. */
export function tellStaying(stack: string): boolean {
  const stays = whatStays(storedResources(rehearsalPaths(), stack));
  if (stays.protected.length === 0) return false;
  step(`What stays of ${stack}`);
  const reason = `are protected. ${deletable}, run make up STACK=${stack}, and then make down again`;
  tellKept(stays.protected, reason);
  if (stays.needed.length > 0) {
    console.log(["  And what these need:", ...stays.needed.map(line)].join("\n"));
  }
  return true;
}

/** Everything before the engine runs: a mistake in the configuration is found first, in seconds. */
async function prepare(stack: string): Promise<{ session: Session; environment: Environment }> {
  const paths = rehearsalPaths();
  refuseSecondRun(paths, stack);
  const log = (line: string): void => console.log(`  ${line}`);
  step(`Configuration of ${stack}`);
  await planStack(projectRoot, stack);
  log("valid");
  await buildPolicyPack();
  step("Tools and clusters");
  const environment = await provideEnvironment(paths, stack, log);
  if (environment.cluster !== undefined) log(`Kubernetes: ${environment.cluster}`);
  const session = await openSession(paths, environment, stack);
  tellOrphans(await recover(paths, session));
  return { session, environment };
}

function tellOrphans(orphans: PossibleOrphan[]): void {
  if (orphans.length === 0) return;
  console.log(
    "  A run was interrupted while it made these. In a real cloud they may exist without the state knowing; an update makes others:",
  );
  for (const { type, name, findCommand, importCommand, deleteCommand } of orphans) {
    const commands = [
      ...(findCommand === undefined ? [] : [`find its id: ${findCommand}`]),
      ...(importCommand === undefined ? [] : [`keep it, instead of an update: ${importCommand}`]),
      `remove it: ${deleteCommand}`,
    ];
    console.log([`    ${type} ${name}`, ...commands.map((command) => `      ${command}`)].join("\n"));
  }
}

async function report(running: Promise<Observation>): Promise<Observation> {
  const observation = await running;
  console.log(`  ${counts(observation)}`);
  if (observation.kept.length > 0) {
    tellKept(observation.kept, "are no longer in the stack, and stay where they are until somebody deletes them there");
  }
  return observation;
}

function tellKept(kept: NamedResource[], reason: string): void {
  console.log([`  Kept, because they hold data: they ${reason}.`, ...kept.map(line)].join("\n"));
}

const line = ({ type, name }: NamedResource): string => `    ${type} ${name}`;

function counts({ changes }: Observation): string {
  if (changes.length === 0) return "nothing changes";
  const byOperation = new Map<string, number>();
  for (const { operation } of changes) byOperation.set(operation, (byOperation.get(operation) ?? 0) + 1);
  return [...byOperation].map(([operation, count]) => `${operation}: ${count}`).join(", ");
}

function step(title: string): void {
  console.log(`\n${title}`);
}
