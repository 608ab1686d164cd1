import { execFile, execFileSync, type ExecFileOptionsWithStringEncoding } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { projectRoot } from "../../rehearsal/paths";

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
    for (const file of listed.split("\0").filter((name) => name !== "" && !name.startsWith("tests/"))) {
      mkdirSync(dirname(join(this.root, file)), { recursive: true });
      copyFileSync(join(projectRoot, file), join(this.root, file));
    }
    symlinkSync(join(projectRoot, "node_modules"), join(this.root, "node_modules"));
  }

  /** The command behind `make <command> STACK=<stack>`. */
  omega(command: string, { stack = "dev", argv = [], environment = {} }: OmegaOptions = {}): Promise<Outcome> {
    return run(process.execPath, ["--require", "tsx/cjs", "rehearsal/cli.ts", command, stack, ...argv], {
      cwd: this.root,
      env: this.environment(environment),
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
  edit(file: string, from: string, to: string): () => void {
    const path = join(this.root, file);
    const before = readFileSync(path, "utf8");
    if (!before.includes(from)) throw new Error(`${file} does not contain ${from}`);
    writeFileSync(path, before.replace(from, to));
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
