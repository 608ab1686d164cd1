import { join } from "node:path";
import { runWithInput } from "./engine/command";
import { projectRoot } from "./paths";

/** The pack that every stack here is held to. */
export const policyPack = join(projectRoot, "policies");

export async function buildPolicyPack(): Promise<void> {
  await runWithInput("npm", ["run", "--silent", "build"], policyPack, {});
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
