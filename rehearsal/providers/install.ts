import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

export const standInPackages = ["kubernetes", "aws", "cloudflare", "random"] as const;

const local = createRequire(__filename);

/** The version that programs ask for: the plug-in's folder must be named after it. */
export function sdkVersion(packageName: string): string {
  const { version }: { version: string } = local(`@pulumi/${packageName}/package.json`);
  return version;
}

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Makes the engine find the stand-ins where it looks for plug-ins, so that it never downloads a real one. */
export function installPlugins(pulumiHome: string): void {
  for (const packageName of standInPackages) {
    const folder = join(pulumiHome, "plugins", `resource-${packageName}-v${sdkVersion(packageName)}`);
    const executable = join(folder, `pulumi-resource-${packageName}`);
    // tsx's CommonJS hook: its loader thread would double the start-up time.
    const command = [process.execPath, "--require", local.resolve("tsx/cjs"), join(__dirname, "main.ts"), packageName];
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Renamed into place, since another run may be starting the old one right now.
    const draft = `${executable}.${process.pid}`;
    writeFileSync(draft, `#!/bin/sh\nexec ${command.map(quote).join(" ")} "$@"\n`, { mode: 0o700 });
    renameSync(draft, executable);
  }
}
