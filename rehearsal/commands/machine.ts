import { spawnSync } from "node:child_process";
import { rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { kubectlCommand, stopControlPlanes } from "../control-plane";
import { languageHostFolder, openSession } from "../engine/session";
import { rehearsedClusters } from "../engine/stack-file";
import { allTools, controlPlaneOptions, ownKubeconfig, provideEnvironment } from "../environment";
import { UserError } from "../errors";
import { examinationReport } from "../examination-report";
import { projectRoot, rehearsalPaths } from "../paths";
import { examineTools, provideTools } from "../toolchain";

const silent = (): void => undefined;

export async function doctor(): Promise<void> {
  const examination = await examineTools(allTools);
  console.log(examinationReport(examination));
  if (examination.tools.some(({ from }) => from === "nowhere")) process.exitCode = 1;
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

/** Forgets every stack, cluster and secret of the rehearsal; the tools stay. */
export async function reset(): Promise<void> {
  const { root } = rehearsalPaths();
  await stopControlPlanes(rehearsalPaths());
  rmSync(root, { recursive: true });
  console.log(`${root} is gone.`);
}

export async function kubectl(stack: string, argv: string[]): Promise<void> {
  const paths = rehearsalPaths();
  const own = ownKubeconfig();
  const [cluster] = own ? [] : rehearsedClusters(projectRoot, stack);
  if (!own && cluster === undefined) throw new UserError(`stack ${stack} has no cluster`);
  const options = await controlPlaneOptions(paths, silent);
  const [executable = "", ...parameters] =
    cluster === undefined
      ? [options.tools.kubectl, "--kubeconfig", own ?? "", ...argv]
      : kubectlCommand(["--context", cluster, ...argv], options);
  process.exitCode = spawnSync(executable, parameters, { stdio: "inherit" }).status ?? 1;
}

/** Shell lines under which the CLI, typed by hand, sees the rehearsal: `eval "$(make -s env)"`. */
export async function env(stack: string): Promise<void> {
  const paths = rehearsalPaths();
  const tools = await provideEnvironment(paths, stack, silent);
  const { "pulumi-language-nodejs": languageHost } = await provideTools(["pulumi-language-nodejs"]);
  const folder = languageHostFolder(paths);
  rmSync(folder, { recursive: true, force: true });
  symlinkSync(dirname(languageHost), folder);
  const { environment } = await openSession(paths, tools, stack);
  const variables = {
    ...environment,
    PATH: [folder, dirname(tools.pulumi), environment.PATH].join(":"),
    // The engine tells newer hosts itself what Pulumi.yaml says; this one would check types at every run.
    PULUMI_NODEJS_TSCONFIG_PATH: join(projectRoot, "tsconfig.program.json"),
  };
  for (const [name, value] of Object.entries(variables)) {
    console.log(`export ${name}='${value.replaceAll("'", `'\\''`)}'`);
  }
  console.error(commandsToType(stack, relative(projectRoot, join(paths.root, `${stack}.json`))));
}

function commandsToType(stack: string, state: string): string {
  return [
    `# Once these variables are set, and again after a change of Pulumi.${stack}.yaml, in ${projectRoot}:`,
    `#   pulumi preview --stack ${stack}`,
    `#   pulumi up --stack ${stack}`,
    "# The policy pack can't start beside this language host; without it, on what the stack is:",
    `#   pulumi stack export --stack ${stack} --file ${state}`,
    `#   PATH="\${PATH#*:}" pulumi policy analyze --policy-pack policies --file ${state}`,
  ].join("\n");
}
