import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { kubectlCommand, stopControlPlanes } from "./control-plane";
import { runWithInput } from "./engine/command";
import { destroy, preview, refresh, update } from "./engine/operations";
import { planStack } from "./engine/plan";
import { planReport } from "./engine/plan-report";
import type { Observation } from "./engine/progress";
import { type PossibleOrphan, recover } from "./engine/recovery";
import { engineEnvironment, openSession, type Session } from "./engine/session";
import { rehearsedClusters } from "./engine/stack-file";
import { allTools, controlPlaneOptions, type Environment, provideEnvironment } from "./environment";
import { UserError } from "./errors";
import { projectRoot, rehearsalPaths } from "./paths";
import { summary } from "./summary";
import { examineTools, provideTools } from "./toolchain";

const log = (line: string): void => console.log(`  ${line}`);
const paths = rehearsalPaths();

export const commands: Record<string, (stack: string) => Promise<void>> = {
  async plan(stack) {
    await buildPack();
    const plan = await planStack(projectRoot, stack);
    const { evaluate, policies } = await packRules();
    const verdicts = evaluate(plan.resources);
    console.log(planReport(stack, plan, verdicts, policies.length));
    if (verdicts.length > 0) process.exitCode = 1;
  },

  async up(stack) {
    const { session, environment } = await prepare(stack);
    step("Preview, with the policy pack");
    const expected = await preview(session);
    console.log(`  ${counts(expected)}`);
    step("Update, with the policy pack");
    const made = await update(session);
    console.log(`  ${counts(made)}`);
    console.log(await summary(session, environment.cluster, stack));
  },

  async preview(stack) {
    const { session } = await prepare(stack);
    step("Preview, with the policy pack");
    const { changes } = await report(preview(session));
    for (const { operation, type, name, properties } of changes) {
      console.log(`  ${operation} ${type} ${name}${properties.length > 0 ? `: ${properties.join(", ")}` : ""}`);
    }
  },

  async refresh(stack) {
    const { session } = await prepare(stack);
    step("Refresh: what exists against what the state says");
    await report(refresh(session));
  },

  async down(stack) {
    const { session } = await prepare(stack);
    step("Destroy");
    await report(destroy(session));
    console.log("  The control plane still runs; `make stop` ends it.");
  },

  async stop() {
    const stopped = await stopControlPlanes(paths);
    console.log(
      stopped.length === 0 ? "No control plane was running." : `Stopped: ${stopped.join(", ")}. Their data stays.`,
    );
  },

  async doctor() {
    console.log(await examineTools(allTools));
  },

  async setup() {
    await provideTools(allTools, { log });
  },

  async kubectl(stack) {
    const options = await controlPlaneOptions(paths, () => undefined);
    const [executable = "", ...argv] = kubectlCommand(process.argv.slice(4), options);
    const kubeconfig = process.env.KUBECONFIG;
    const ownArgv = kubeconfig ? process.argv.slice(4) : argv;
    if (!kubeconfig && rehearsedClusters(projectRoot, stack).length === 0)
      throw new UserError(`stack ${stack} has no cluster`);
    process.exitCode = spawnSync(executable, ownArgv, { stdio: "inherit" }).status ?? 1;
  },

  async env(stack) {
    const environment = await provideEnvironment(paths, stack, () => undefined);
    const { "pulumi-language-nodejs": languageHost } = await provideTools(["pulumi-language-nodejs"]);
    await openSession(paths, environment, stack);
    const path = `${dirname(languageHost)}:${dirname(environment.pulumi)}:${process.env.PATH ?? ""}`;
    for (const [name, value] of Object.entries({ ...engineEnvironment(paths, environment), PATH: path })) {
      console.log(`export ${name}='${value}'`);
    }
  },
};

/** Everything before the engine runs: a mistake in the configuration is found first, in seconds. */
async function prepare(stack: string): Promise<{ session: Session; environment: Environment }> {
  step(`Configuration of ${stack}`);
  const { resources } = await planStack(projectRoot, stack);
  console.log(`  describes ${resources.length} resources`);
  await buildPack();
  step("Tools and clusters");
  const environment = await provideEnvironment(paths, stack, log);
  log(`Kubernetes: ${environment.cluster}`);
  const session = await openSession(paths, environment, stack);
  tellOrphans(await recover(paths, session));
  return { session, environment };
}

function tellOrphans(orphans: PossibleOrphan[]): void {
  if (orphans.length === 0) return;
  console.log(
    "  The last run was interrupted while it made these. In a real cloud they may exist without the state knowing:",
  );
  for (const { type, name, importCommand, deleteCommand } of orphans) {
    console.log(`    ${type} ${name}\n      keep it: ${importCommand}\n      or remove it: ${deleteCommand}`);
  }
}

async function report(running: Promise<Observation>): Promise<Observation> {
  const observation = await running;
  console.log(`  ${counts(observation)}`);
  return observation;
}

function counts({ changes }: Observation): string {
  if (changes.length === 0) return "nothing changes";
  const byOperation = new Map<string, number>();
  for (const { operation } of changes) byOperation.set(operation, (byOperation.get(operation) ?? 0) + 1);
  return [...byOperation].map(([operation, count]) => `${count} to ${operation}`).join(", ");
}

async function buildPack(): Promise<void> {
  await runWithInput("npm", ["run", "--silent", "build", "--workspace", "policies"], projectRoot, {});
}

interface PackRules {
  evaluate(resources: object[]): { policy: string; message: string }[];
  policies: object[];
}

/** Loaded at run time: the rehearsal judges any pack, and depends on none. */
async function packRules(): Promise<PackRules> {
  const rules: string = "omega-policies/rules";
  return (await import(rules)) as PackRules;
}

function step(title: string): void {
  console.log(`\n${title}`);
}
