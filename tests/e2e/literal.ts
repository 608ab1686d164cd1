import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { engineEnvironment, installCommands } from "../../rehearsal/engine/session";
import { policyPack } from "../../rehearsal/policy-pack";
import { installPlugins } from "../../rehearsal/providers/install";
import { provideTools, type ToolName } from "../../rehearsal/toolchain";
import { type Outcome, run, type TestRehearsal } from "./support";

/** The `pulumi` that users type, in a project of their own, with a rehearsal's stand-ins for plug-ins. */
export class LiteralCli {
  private constructor(
    private readonly withHosts: NodeJS.ProcessEnv,
    private readonly withoutHosts: NodeJS.ProcessEnv,
  ) {}

  /** @param hosts language hosts that the engine finds beside it */
  static async of({ paths, charts }: TestRehearsal, hosts: ToolName[]): Promise<LiteralCli> {
    const { pulumi } = await provideTools(["pulumi"]);
    const tools = await provideTools(hosts);
    for (const folder of [paths.state, charts]) mkdirSync(folder, { recursive: true });
    writeFileSync(paths.passphraseFile, "rehearsal");
    installPlugins(paths.pulumiHome);
    installCommands(paths, pulumi);
    const environment: NodeJS.ProcessEnv = {
      ...process.env,
      ...engineEnvironment(paths, { pulumi, customResourceDefinitions: charts, kubeconfig: paths.kubeconfig }),
      // Types are checked on their own.
      PULUMI_NODEJS_TRANSPILE_ONLY: "true",
    };
    const folder = join(paths.root, "hosts");
    mkdirSync(folder);
    for (const host of hosts) symlinkSync(tools[host], join(folder, host));
    const path = [dirname(pulumi), environment.PATH];
    return new LiteralCli(
      { ...environment, PATH: [folder, ...path].join(":") },
      { ...environment, PATH: path.join(":") },
    );
  }

  run(project: string, ...argv: string[]): Promise<Outcome> {
    return run("pulumi", [...argv, "--non-interactive"], { cwd: project, env: this.withHosts });
  }

  /** What the pack says of a stack as it is: with a language host on the PATH no pack could start. */
  async judge(project: string, stack: string): Promise<Outcome> {
    const file = join(project, "state.json");
    const exported = await this.run(project, "stack", "export", "--stack", stack, "--file", file);
    if (exported.code !== 0) return exported;
    const argv = ["policy", "analyze", "--policy-pack", policyPack, "--file", file];
    return run("pulumi", [...argv, "--non-interactive"], { cwd: project, env: this.withoutHosts });
  }
}
