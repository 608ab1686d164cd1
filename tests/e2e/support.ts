import { execFile, execFileSync, type ExecFileOptionsWithStringEncoding } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { LocalWorkspace, PulumiCommand, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import {
  type ControlPlaneOptions,
  kubectlCommand,
  startControlPlanes,
  stopControlPlanes,
} from "../../rehearsal/control-plane";
import { engineEnvironment } from "../../rehearsal/engine/session";
import { controlPlaneOptions } from "../../rehearsal/environment";
import { projectRoot, rehearsalPaths } from "../../rehearsal/paths";
import { installPlugins } from "../../rehearsal/providers/install";
import { provideTools } from "../../rehearsal/toolchain";

export interface Outcome {
  code: number;
  /** Standard output and standard error, as they came. */
  output: string;
}

/** Runs a program to its end, whatever its exit code. */
export function run(
  file: string,
  argv: string[],
  options: Partial<ExecFileOptionsWithStringEncoding> = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    let output = "";
    const child = execFile(file, argv, { encoding: "utf8", maxBuffer: 64 * 2 ** 20, ...options });
    child.stdout?.on("data", (chunk: string) => (output += chunk));
    child.stderr?.on("data", (chunk: string) => (output += chunk));
    child.on("error", (error) => resolve({ code: -1, output: `${output}${error.message}` }));
    child.on("close", (code) => resolve({ code: code ?? -1, output }));
  });
}

/** A copy of this project with a rehearsal of its own, so that a test can edit and break it beside others. */
export class ProjectCopy {
  readonly root = mkdtempSync(join(tmpdir(), "omega-e2e-"));
  readonly rehearsal = join(this.root, ".rehearsal");

  constructor() {
    const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], {
      cwd: projectRoot,
      encoding: "utf8",
    });
    // A file that was deleted is listed until that is committed.
    const files = listed.split("\0").filter((name) => name !== "" && existsSync(join(projectRoot, name)));
    for (const file of files.filter((name) => !name.startsWith("tests/"))) {
      mkdirSync(dirname(join(this.root, file)), { recursive: true });
      copyFileSync(join(projectRoot, file), join(this.root, file));
    }
    symlinkSync(join(projectRoot, "node_modules"), join(this.root, "node_modules"));
  }

  /**
   * Leaves of a stack the mesh, its first two services and what is asked for: for tests that make it again and again.
   *
   * @param kept further sections, e.g. `events`, and operators, e.g. `certManager`
   * @param stack whose file it is
   */
  reduce(kept: string[] = [], stack = "dev"): this {
    const path = join(this.root, `Pulumi.${stack}.yaml`);
    const { config } = parse(readFileSync(path, "utf8")) as { config: Record<string, unknown> };
    const always = ["scope", "environment", "regions"];
    const isKept = (key: string) =>
      !key.startsWith("omega:") || [...always, ...kept].includes(key.slice("omega:".length));
    const operators = ["gatewayApi", "prometheus", "certManager", "metricsServer", "keda"].map((name) => [
      name,
      kept.includes(name),
    ]);
    const ofStores = ["database", "cache", "routes"];
    const services = (config["omega:services"] as object[])
      .slice(0, 2)
      .map((service) => Object.fromEntries(Object.entries(service).filter(([key]) => !ofStores.includes(key))));
    const reduced = {
      ...Object.fromEntries(Object.entries(config).filter(([key]) => isKept(key))),
      "omega:operators": Object.fromEntries(operators),
      "omega:services": services,
    };
    writeFileSync(path, stringify({ config: reduced }));
    return this;
  }

  /** The command behind `make <command> STACK=<stack>`. */
  omega(command: string, { stack = "dev", argv = [], environment = {} }: OmegaOptions = {}): Promise<Outcome> {
    return run(process.execPath, ["--require", "tsx/cjs", "rehearsal/cli.ts", command, stack, ...argv], {
      cwd: this.root,
      // Writing the state at every step is for an engine that is killed, and a third of an update's work.
      env: this.environment({ PULUMI_SKIP_CHECKPOINTS: "true", ...environment }),
    });
  }

  environment(further: Record<string, string> = {}): NodeJS.ProcessEnv {
    // A variable that is undefined is left out.
    return { ...process.env, KUBECONFIG: undefined, OMEGA_REHEARSAL_DIR: undefined, ...further };
  }

  /** Standard output of kubectl against the rehearsed cluster. */
  async kubectl(...argv: string[]): Promise<string> {
    const { code, output } = await this.omega("kubectl", { argv });
    if (code !== 0) throw new Error(output);
    return output;
  }

  async json<Result>(...argv: string[]): Promise<Result> {
    return JSON.parse(await this.kubectl(...argv, "-o", "json")) as Result;
  }

  /** Replaces text that must be in a file; returns how to undo it. */
  edit(file: string, from: string | RegExp, to: string): () => void {
    const path = join(this.root, file);
    const before = readFileSync(path, "utf8");
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${file} does not contain ${from}`);
    writeFileSync(path, after);
    return () => writeFileSync(path, before);
  }

  async remove(): Promise<void> {
    await this.omega("stop");
    rmSync(this.root, { recursive: true, force: true });
  }
}

interface OmegaOptions {
  /** Default `dev`. */
  stack?: string;
  argv?: string[];
  environment?: Record<string, string>;
}

/** A rehearsal in a folder of its own, whose engine runs a test's own programs. */
export class TestRehearsal {
  readonly paths = rehearsalPaths(mkdtempSync(join(tmpdir(), "omega-e2e-")));
  /** Folder with a subfolder for each set of CRDs that a chart brings. */
  readonly charts = join(this.paths.root, "crds");
  private options: ControlPlaneOptions | undefined;

  /** Without operators' CRDs, unless files or folders with some are named. */
  async startClusters(regions: string[], customResourceDefinitions: string[] = []): Promise<ControlPlaneOptions> {
    const { tools, paths } = await controlPlaneOptions(this.paths, console.log);
    this.options = { paths, tools: { ...tools, customResourceDefinitions } };
    await startControlPlanes(regions, this.options);
    return this.options;
  }

  /** What kubectl prints; against the first region unless `--context` says otherwise. */
  kubectl(command: string, input?: object): string {
    if (this.options === undefined) throw new Error("There is no cluster.");
    const [file = "", ...argv] = kubectlCommand(command.split(" "), this.options);
    const printed = execFileSync(file, argv, {
      encoding: "utf8",
      stdio: "pipe",
      maxBuffer: 64 * 2 ** 20,
      input: JSON.stringify(input) ?? "",
    });
    return printed.trim();
  }

  async stack(name: string, program: PulumiFn, environment: Record<string, string> = {}): Promise<Stack> {
    const { pulumi } = await provideTools(["pulumi"]);
    installPlugins(this.paths.pulumiHome);
    writeFileSync(this.paths.passphraseFile, "rehearsal");
    const cli = join(this.paths.root, "cli");
    mkdirSync(join(cli, "bin"), { recursive: true });
    rmSync(join(cli, "bin", "pulumi"), { force: true });
    symlinkSync(pulumi, join(cli, "bin", "pulumi"));
    const workDir = join(this.paths.root, "work", name);
    mkdirSync(workDir, { recursive: true });
    const tools = { pulumi, customResourceDefinitions: this.charts, kubeconfig: this.paths.kubeconfig };
    return LocalWorkspace.createOrSelectStack(
      { stackName: name, projectName: "test", program },
      {
        workDir,
        pulumiHome: this.paths.pulumiHome,
        pulumiCommand: await PulumiCommand.get({ root: cli, skipVersionCheck: true }),
        envVars: { ...engineEnvironment(this.paths, tools), ...environment },
      },
    );
  }

  async remove(): Promise<void> {
    await stopControlPlanes(this.paths);
    rmSync(this.paths.root, { recursive: true, force: true });
  }
}
