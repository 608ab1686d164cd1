import { chownSync, copyFileSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { RunningProgram } from "../data-plane/processes";

/** Whom Linux knows as nobody. */
const nobody = 65_534;

/** A folder where programs run as an ordinary user: those of Vitess and MariaDB refuse to be root's. */
export class Workplace {
  readonly root = mkdtempSync(join(tmpdir(), "omega-vitess-"));
  /** Undefined: the tests are an ordinary user's already. */
  readonly account = process.getuid?.() === 0 ? nobody : undefined;
  private readonly running: RunningProgram[] = [];

  constructor() {
    this.own(this.root);
  }

  folder(name: string): string {
    const folder = join(this.root, name);
    mkdirSync(folder, { recursive: true });
    this.own(folder);
    return folder;
  }

  /** @returns its path */
  file(name: string, text: string): string {
    const path = join(this.folder(dirname(name)), basename(name));
    writeFileSync(path, text);
    this.own(path);
    return path;
  }

  /** A program is in the cache of whoever runs the tests, which is private. */
  program(path: string): string {
    if (this.account === undefined) return path;
    const own = join(this.folder("programs"), basename(path));
    rmSync(own, { force: true });
    try {
      linkSync(path, own);
    } catch {
      // It is on another device.
      copyFileSync(path, own);
    }
    return own;
  }

  /** Runs until it is stopped with all others; @param isReady is asked again and again. */
  async start(
    name: string,
    command: string,
    args: string[],
    isReady: () => boolean | Promise<boolean>,
  ): Promise<RunningProgram> {
    const program = new RunningProgram({
      command,
      args,
      folder: this.folder(name),
      logFile: join(this.root, `${name}.log`),
      environment: this.environment(name),
      ...(this.account === undefined ? {} : { account: this.account }),
    });
    this.running.push(program);
    await program.until(isReady);
    return program;
  }

  environment(name: string): Record<string, string> {
    const folder = this.folder(name);
    return { PATH: process.env.PATH ?? "", HOME: folder, VTDATAROOT: folder };
  }

  async remove(): Promise<void> {
    await Promise.all(this.running.map((program) => program.stop()));
    rmSync(this.root, { recursive: true, force: true });
  }

  /** For a program that isn't started here. */
  get identity(): { uid?: number; gid?: number } {
    return this.account === undefined ? {} : { uid: this.account, gid: this.account };
  }

  /** Gives what the tests wrote to the ordinary user. */
  own(path: string, withContents = false): void {
    if (this.account === undefined) return;
    const contents = withContents ? readdirSync(path, { recursive: true, encoding: "utf8" }) : [];
    for (const each of [path, ...contents.map((name) => join(path, name))]) {
      chownSync(each, this.account, this.account);
    }
  }
}
