import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import { createOnce, replaceLink, writePrivateFile } from "../files";
import { projectRoot, type RehearsalPaths, workFolder } from "../paths";
import { policyPack } from "../policy-pack";
import { installPlugins } from "../providers/install";
import { runWithInput } from "./command";
import { loadProgram } from "./program";
import { readStackFile } from "./stack-file";

export interface EngineTools {
  /** Absolute path of the pulumi CLI. */
  pulumi: string;
  /** Folder with one subfolder of CRDs for each set, for charts that bring them. */
  customResourceDefinitions: string;
  /** KUBECONFIG of the rehearsed, or the user's own, cluster. */
  kubeconfig: string;
}

/** What the real engine needs to run this project's stacks here: its own home, backend, passphrase and plug-ins. */
export interface Session {
  stack: Stack;
  workDirectory: string;
  environment: Record<string, string>;
  pulumi: string;
  policyPack: string;
}

/** Folder of the language host in the PATH of a CLI typed by hand. */
export const languageHostFolder = (paths: RehearsalPaths): string => join(paths.pulumiHome, "language-host");

/** The variables under which the CLI, ours or one typed by hand, sees the rehearsal. */
export function engineEnvironment(paths: RehearsalPaths, tools: EngineTools): Record<string, string> {
  // Typed in a shell of `make env`: the old language host there would keep the policy pack from starting.
  const PATH = (process.env.PATH ?? "").split(":").filter((folder) => folder !== languageHostFolder(paths));
  return {
    PATH: [join(paths.pulumiHome, "bin"), ...PATH].join(":"),
    PULUMI_HOME: paths.pulumiHome,
    // The attributes that its files would get beside them are written in place: a killed engine leaves half of one.
    PULUMI_BACKEND_URL: `file://${paths.state}?metadata=skip`,
    PULUMI_CONFIG_PASSPHRASE_FILE: paths.passphraseFile,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_AUTOMATION_API_SKIP_VERSION_CHECK: "true",
    KUBECONFIG: tools.kubeconfig,
    OMEGA_CLOUDS_DIR: paths.clouds,
    OMEGA_CRDS_DIR: tools.customResourceDefinitions,
  };
}

/** Prepares the engine and selects the stack, which is made if it isn't there. */
export async function openSession(paths: RehearsalPaths, tools: EngineTools, stackName: string): Promise<Session> {
  if (!existsSync(paths.passphraseFile)) createOnce(paths.passphraseFile, randomBytes(32).toString("base64url"));
  installCommands(paths, tools.pulumi);
  keepNoEngineLog(paths);
  installPlugins(paths.pulumiHome);

  const workDirectory = workFolder(paths, stackName);
  const { config, secrets } = readStackFile(projectRoot, stackName);
  const file = join(workDirectory, `Pulumi.${stackName}.yaml`);
  const previous = existsSync(file) ? (parse(readFileSync(file, "utf8")) as RehearsedFile) : undefined;
  const kept = Object.fromEntries(
    secrets.flatMap((key) => (previous?.config?.[key] ? [[key, previous.config[key]]] : [])),
  );
  const rehearsed = { ...previous, config: { ...config, ...kept } };
  writeFileSync(file, stringify(rehearsed), { mode: 0o600 });
  // Without `main`: the program isn't in this folder, and the engine doesn't start it.
  const project = parse(readFileSync(join(projectRoot, "Pulumi.yaml"), "utf8")) as Record<string, unknown>;
  delete project.main;
  writeFileSync(join(workDirectory, "Pulumi.yaml"), stringify(project));

  // A CLI typed in the project's folder would take the stack file there: write into it, and fail to read its secrets.
  const environment = { ...engineEnvironment(paths, tools), PULUMI_OPTION_CONFIG_FILE: file };
  // The program runs in this process: SDKs read from it what a language host would hand on, such as KUBECONFIG.
  Object.assign(process.env, environment);
  const pulumiCommand = await PulumiCommand.get({ root: join(paths.pulumiHome, "cli"), skipVersionCheck: true });
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName, projectName: "omega", program: loadProgram(projectRoot) },
    { workDir: workDirectory, pulumiCommand, pulumiHome: paths.pulumiHome, envVars: environment },
  );
  for (const key of secrets.filter((secret) => !(secret in kept))) {
    // By standard input: an argument could be read in the process list.
    const argv = ["config", "set", "--secret", "--path", "--stack", stackName, key];
    await runWithInput(tools.pulumi, argv, workDirectory, environment, randomBytes(24).toString("base64url"));
  }
  return { stack, workDirectory, environment, pulumi: tools.pulumi, policyPack };
}

interface RehearsedFile {
  config?: Record<string, unknown>;
}

/** What the engine and its plug-ins find in the PATH before anything else. */
export function installCommands(paths: RehearsalPaths, pulumi: string): void {
  const commands = join(paths.pulumiHome, "bin");
  const cli = join(paths.pulumiHome, "cli", "bin");
  for (const folder of [commands, cli]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  replaceLink(join(cli, "pulumi"), pulumi);
  const runner = join(projectRoot, "node_modules/@pulumi/pulumi/cmd/run-policy-pack/index.js");
  // The engine holds its standard input; without an eye on that, the pack would outlive an engine that is killed.
  const guard = 'data:text/javascript,process.stdin.on("end",()=>process.exit()).resume()';
  // A policy pack is started by this name when there is no language host. In PULUMI_CONFIG the engine hands on the
  // configuration with its secrets in plain text; no rule needs it.
  const analyzer = `unset PULUMI_CONFIG\nexec "${process.execPath}" --import '${guard}' "${runner}" "$@"`;
  installCommand(join(commands, "pulumi-analyzer-policy-nodejs"), analyzer);
  const aws = join(__dirname, "..", "providers", "clouds", "aws-command.ts");
  const hook = join(projectRoot, "node_modules/tsx/dist/cjs/index.cjs");
  installCommand(join(commands, "aws"), `exec "${process.execPath}" --require "${hook}" "${aws}" "$@"`);
}

/**
 * A file where its folder would be keeps the engine from writing down, encrypted, all that it does: a sixth of each run's time,
 * and nothing that isn't told here.
 */
function keepNoEngineLog(paths: RehearsalPaths): void {
  const folder = join(paths.pulumiHome, "logs");
  // Of an earlier version.
  if (existsSync(folder) && statSync(folder).isDirectory()) rmSync(folder, { recursive: true });
  createOnce(folder, "");
}

function installCommand(file: string, command: string): void {
  writePrivateFile(file, `#!/bin/sh\n${command}\n`, 0o700);
}
