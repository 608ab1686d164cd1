import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { writePrivateFile } from "../files";

const standInPackages = ["kubernetes", "aws", "cloudflare", "random"] as const;

const local = createRequire(__filename);

/** The version that programs ask for: the plug-in's folder must be named after it. */
export function sdkVersion(packageName: string): string {
  const { version }: { version: string } = local(`@pulumi/${packageName}/package.json`);
  return version;
}

/** Where the engine looks for a package's plug-in. */
export function pluginExecutable(pulumiHome: string, packageName: string): string {
  const folder = join(pulumiHome, "plugins", `resource-${packageName}-v${sdkVersion(packageName)}`);
  return join(folder, `pulumi-resource-${packageName}`);
}

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** Makes the engine find the stand-ins where it looks for plug-ins, so that it never downloads a real one. */
export function installPlugins(pulumiHome: string): void {
  for (const packageName of standInPackages) {
    const executable = pluginExecutable(pulumiHome, packageName);
    // tsx's CommonJS hook: its loader thread would double the start-up time.
    const command = [process.execPath, "--require", local.resolve("tsx/cjs"), join(__dirname, "main.ts"), packageName];
    mkdirSync(dirname(executable), { recursive: true, mode: 0o700 });
    // Another run may be starting the old one right now.
    writePrivateFile(executable, `#!/bin/sh\nexec ${command.map(quote).join(" ")} "$@"\n`, 0o700);
  }
}
