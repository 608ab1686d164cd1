import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LocalWorkspace, PulumiCommand, type Stack } from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";
import { projectRoot, type RehearsalPaths } from "../paths";
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

/** The variables under which the CLI, ours or one typed by hand, sees the rehearsal. */
export function engineEnvironment(paths: RehearsalPaths, tools: EngineTools): Record<string, string> {
  return {
    PATH: `${join(paths.pulumiHome, "bin")}:${process.env.PATH ?? ""}`,
    PULUMI_HOME: paths.pulumiHome,
    PULUMI_BACKEND_URL: `file://${paths.state}`,
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
  if (!existsSync(paths.passphraseFile)) {
    writeFileSync(paths.passphraseFile, randomBytes(32).toString("base64url"), { mode: 0o600 });
  }
  installCommands(paths, tools.pulumi);
  installPlugins(paths.pulumiHome);

  const workDirectory = join(paths.root, "work", stackName);
  mkdirSync(workDirectory, { recursive: true, mode: 0o700 });
  const { config, secrets } = readStackFile(projectRoot, stackName);
  const file = join(workDirectory, `Pulumi.${stackName}.yaml`);
  const previous = existsSync(file) ? (parse(readFileSync(file, "utf8")) as RehearsedFile) : undefined;
  const kept = Object.fromEntries(
    secrets.flatMap((key) => (previous?.config?.[key] ? [[key, previous.config[key]]] : [])),
  );
  const rehearsed = { ...previous, config: { ...config, ...kept } };
  writeFileSync(file, stringify(rehearsed), { mode: 0o600 });
  writeFileSync(join(workDirectory, "Pulumi.yaml"), readFileSync(join(projectRoot, "Pulumi.yaml")));

  const environment = engineEnvironment(paths, tools);
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

/** The CLI starts a policy pack by an executable of this name when it finds no language host. */
function installCommands(paths: RehearsalPaths, pulumi: string): void {
  const commands = join(paths.pulumiHome, "bin");
  const cli = join(paths.pulumiHome, "cli", "bin");
  for (const folder of [commands, cli]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(join(cli, "pulumi"), { force: true });
  symlinkSync(pulumi, join(cli, "pulumi"));
  const runner = join(projectRoot, "node_modules/@pulumi/pulumi/cmd/run-policy-pack/index.js");
  const analyzer = join(commands, "pulumi-analyzer-policy-nodejs");
  writeFileSync(analyzer, `#!/bin/sh\nexec "${process.execPath}" "${runner}" "$@"\n`);
  chmodSync(analyzer, 0o700);
}
