import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { kubectlCommand, stopControlPlanes } from "../control-plane";
import { engineEnvironment, openSession } from "../engine/session";
import { rehearsedClusters } from "../engine/stack-file";
import { allTools, controlPlaneOptions, provideEnvironment } from "../environment";
import { UserError } from "../errors";
import { projectRoot, rehearsalPaths } from "../paths";
import { examineTools, provideTools } from "../toolchain";

const silent = (): void => undefined;

export async function doctor(): Promise<void> {
  console.log(await examineTools(allTools));
}

export async function setup(): Promise<void> {
  await provideTools(allTools, { log: (line) => console.log(`  ${line}`) });
}

export async function stop(): Promise<void> {
  const stopped = await stopControlPlanes(rehearsalPaths());
  console.log(
    stopped.length === 0 ? "There is no control plane." : `Stopped: ${stopped.join(", ")}. Their data stays.`,
  );
}

export async function kubectl(stack: string, argv: string[]): Promise<void> {
  const own = process.env.KUBECONFIG;
  if (!own && rehearsedClusters(projectRoot, stack).length === 0) throw new UserError(`stack ${stack} has no cluster`);
  const options = await controlPlaneOptions(rehearsalPaths(), silent);
  const [executable = "", ...parameters] = own ? [options.tools.kubectl, ...argv] : kubectlCommand(argv, options);
  process.exitCode = spawnSync(executable, parameters, { stdio: "inherit" }).status ?? 1;
}

/** Shell lines under which the CLI, typed by hand, sees the rehearsal: `eval "$(make -s env)"`. */
export async function env(stack: string): Promise<void> {
  const paths = rehearsalPaths();
  const environment = await provideEnvironment(paths, stack, silent);
  const { "pulumi-language-nodejs": languageHost } = await provideTools(["pulumi-language-nodejs"]);
  await openSession(paths, environment, stack);
  const PATH = [dirname(languageHost), dirname(environment.pulumi), process.env.PATH].join(":");
  for (const [name, value] of Object.entries({ ...engineEnvironment(paths, environment), PATH })) {
    console.log(`export ${name}='${value.replaceAll("'", `'\\''`)}'`);
  }
}
