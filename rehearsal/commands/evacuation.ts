import { readFileSync } from "node:fs";
import { join } from "node:path";
import { again, drained, readmitted } from "../engine/drained";
import { part } from "../engine/regions";
import { readStackFile } from "../engine/stack-file";
import { messageOf, UserError } from "../errors";
import { writePrivateFile } from "../files";
import { projectRoot } from "../paths";
import { up } from "./stack";

/** Takes a region out of traffic: a change of the stack file, and an update of what stands before the regions, alone. */
export async function evacuate(stack: string, argv: string[]): Promise<void> {
  await change(stack, argv, drained, (region) => [
    `In this rehearsal ${region} gets no requests any more (a real account: pulumi up --stack ${stack}); its health is asked on. Tenants who stay in it are answered 503.`,
    'Not done by this, where the region is lost (docs/operations.md, "Evacuating a region"):',
    ...databaseSteps(stack, region),
    '  - events: its copies in other regions, docs/operations.md, "What may be lost"',
    `Back: make readmit STACK=${stack} REGION=${region}. Commit Pulumi.${stack}.yaml either way.`,
  ]);
}

/** Takes it back. */
export async function readmit(stack: string, argv: string[]): Promise<void> {
  await change(stack, argv, readmitted, (region) => [
    `In this rehearsal ${region} gets requests again where it is healthy (a real account: pulumi up --stack ${stack}). Commit Pulumi.${stack}.yaml.`,
  ]);
}

type Change = (text: string, stack: string, region: string) => string;

async function change(
  stack: string,
  [region]: string[],
  by: Change,
  next: (region: string) => string[],
): Promise<void> {
  const { config } = readStackFile(projectRoot, stack);
  if (region === undefined || region === "") throw new UserError("which one? REGION=<name>");
  const name = `Pulumi.${stack}.yaml`;
  const file = join(projectRoot, name);
  // Of one region there is nothing to take traffic out of; and the stack would be the region itself.
  if (config["omega:scope"] !== "global") throw new UserError(`${name} is no stack that regions share (STACK=<name>)`);
  writePrivateFile(file, by(readFileSync(file, "utf8"), stack, region), 0o644);
  console.log(`\n${name}\n  edge.drained: ${listed(stack)}`);
  try {
    await up(stack, [part]);
  } catch (error) {
    throw new UserError(`${messageOf(error)}\n${name} has the change already. Once this is mended: ${again(stack)}`);
  }
  console.log(["", ...next(region)].join("\n"));
}

function listed(stack: string): string {
  const edge = readStackFile(projectRoot, stack).config["omega:edge"] as { drained?: string[] };
  return edge.drained?.join(", ") ?? "none";
}

/** What only a person may decide: the newest writes may be lost by it. */
function databaseSteps(stack: string, region: string): string[] {
  const database = readStackFile(projectRoot, stack).config["omega:database"] as { engine?: string } | undefined;
  const steps: Record<string, string> = {
    aurora: `if ${region} writes: fail the database over, docs/restore.md, "The writing region is lost"`,
    vitess: `what lives in ${region} alone can't be reached: bring it back, or restore it, docs/restore.md, "The cluster is gone"`,
    external: "as its provider says",
  };
  const step = steps[database?.engine ?? ""];
  return step === undefined ? [] : [`  - database: ${step}`];
}
