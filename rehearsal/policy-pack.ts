import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runWithInput } from "./engine/command";
import { readFileIfExists, writePrivateFile } from "./files";
import { projectRoot } from "./paths";

/** The pack that every stack here is held to. */
export const policyPack = join(projectRoot, "policies");

/** Other stacks' engines may be loading it: its files are replaced as a whole, and only where they differ. */
export async function buildPolicyPack(): Promise<void> {
  const built = mkdtempSync(join(tmpdir(), "omega-policies-"));
  try {
    await runWithInput("npm", ["run", "--silent", "build", "--", `--outdir=${built}`], policyPack, {});
    mkdirSync(join(policyPack, "bin"), { recursive: true });
    for (const file of readdirSync(built)) {
      const text = readFileSync(join(built, file), "utf8");
      const target = join(policyPack, "bin", file);
      if (readFileIfExists(target) !== text) writePrivateFile(target, text, 0o644);
    }
  } finally {
    rmSync(built, { recursive: true, force: true });
  }
}

export interface PureRules {
  policies: object[];
  evaluate(resources: object[]): { message: string }[];
}

/** The pack's rules without the engine, loaded at run time: the rehearsal depends on no pack. */
export async function loadPureRules(): Promise<PureRules> {
  await buildPolicyPack();
  return (await import(join(policyPack, "bin", "rules.js"))) as PureRules;
}
