import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RehearsalPaths } from "../paths";
import { UserError } from "../errors";
import { runWithInput } from "./command";
import { nameOf, typeOf } from "./progress";
import type { Session } from "./session";

interface PendingOperation {
  type: "creating" | "updating" | "deleting" | "reading" | "importing";
  resource: { urn: string; id?: string; inputs?: Record<string, unknown> };
}

/** What an interrupted run may have left behind in a real cloud, where no state knows it. */
export interface PossibleOrphan {
  type: string;
  name: string;
  importCommand: string;
  deleteCommand: string;
}

/**
 * Types whose id is the name that the engine had chosen before the create: what was made can be found again. Others get
 * their id from the cloud, with the answer that was lost.
 */
const namedById: Record<string, string> = {
  "aws:eks/cluster:Cluster": "name",
  "aws:iam/role:Role": "name",
  "aws:cloudwatch/logGroup:LogGroup": "name",
  "aws:kms/alias:Alias": "name",
};

const deleteCommands: Record<string, string> = {
  "aws:ec2/vpc:Vpc": "aws ec2 delete-vpc --vpc-id",
  "aws:ec2/subnet:Subnet": "aws ec2 delete-subnet --subnet-id",
  "aws:ec2/internetGateway:InternetGateway": "aws ec2 delete-internet-gateway --internet-gateway-id",
  "aws:ec2/natGateway:NatGateway": "aws ec2 delete-nat-gateway --nat-gateway-id",
  "aws:ec2/eip:Eip": "aws ec2 release-address --allocation-id",
  "aws:ec2/routeTable:RouteTable": "aws ec2 delete-route-table --route-table-id",
  "aws:kms/key:Key": "aws kms schedule-key-deletion --key-id",
};

/**
 * Makes a stack whose last run was interrupted ready for the next one: removes the dead run's lock, and settles the
 * operations that were under way by reading what exists.
 *
 * @returns what may exist in a real cloud without the state knowing it
 * @throws UserError if the other run is still alive
 */
export async function recover(paths: RehearsalPaths, session: Session): Promise<PossibleOrphan[]> {
  await removeStaleLock(paths, session);
  const { deployment } = (await session.stack.exportStack()) as {
    deployment?: { pending_operations?: PendingOperation[] };
  };
  const pending = deployment?.pending_operations ?? [];
  if (pending.length === 0) return [];

  const creating = pending.filter(({ type }) => type === "creating");
  const found = creating.flatMap(({ resource }) => {
    const id = knownId(resource);
    return id === undefined ? [] : ["--import-pending-creates", resource.urn, "--import-pending-creates", id];
  });
  const argv = ["refresh", "--yes", "--skip-preview", "--non-interactive", "--stack", session.stack.name, ...found];
  await runWithInput(session.pulumi, [...argv, "--clear-pending-creates"], session.workDirectory, session.environment);
  return creating.flatMap(({ resource }) => {
    const type = typeOf(resource.urn);
    const isCloud = type.startsWith("aws:") || type.startsWith("cloudflare:");
    return isCloud && knownId(resource) === undefined
      ? [possibleOrphan(type, nameOf(resource.urn), session.stack.name)]
      : [];
  });
}

function possibleOrphan(type: string, name: string, stack: string): PossibleOrphan {
  const remove = deleteCommands[type];
  return {
    type,
    name,
    importCommand: `pulumi import --stack ${stack} ${type} ${name} <id>`,
    deleteCommand: remove === undefined ? "delete it in the provider's console" : `${remove} <id>`,
  };
}

function knownId({ urn, inputs }: PendingOperation["resource"]): string | undefined {
  const type = typeOf(urn);
  if (type.startsWith("kubernetes:")) {
    const metadata = inputs?.metadata as { name?: string; namespace?: string } | undefined;
    if (metadata?.name === undefined) return undefined;
    return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
  }
  const property = namedById[type];
  const name = property === undefined ? undefined : inputs?.[property];
  return typeof name === "string" ? name : undefined;
}

async function removeStaleLock(paths: RehearsalPaths, { stack }: Session): Promise<void> {
  const folder = join(paths.state, ".pulumi", "locks", "organization", "omega", stack.name);
  const locks = existsSync(folder) ? readdirSync(folder) : [];
  if (locks.length === 0) return;
  for (const lock of locks) {
    const { pid } = JSON.parse(readFileSync(join(folder, lock), "utf8")) as { pid: number };
    if (isPulumi(pid)) {
      throw new UserError(
        `another run is at work on stack ${stack.name} (process ${pid}): wait for it, or stop it with Ctrl-C`,
      );
    }
  }
  await stack.cancel();
}

/** A process of that number may long be another program. */
function isPulumi(pid: number): boolean {
  try {
    return execFileSync("ps", ["-o", "comm=", "-p", String(pid)], { encoding: "utf8" }).includes("pulumi");
  } catch {
    return false;
  }
}
