import type { RehearsalPaths } from "../paths";
import { runWithInput } from "./command";
import { removeStaleLock } from "./lock";
import { isInCloud, knownId, type PossibleOrphan, possibleOrphan } from "./orphans";
import type { Session } from "./session";
import { readUnanswered, type StateResource, writeUnanswered } from "./unanswered";

interface ExportedState {
  deployment: {
    resources?: StateResource[];
    pending_operations?: { type: string; resource: StateResource }[];
  };
}

/**
 * Makes a stack whose last run was interrupted ready for the next one: removes the dead run's lock, and settles the
 * operations that were under way by reading what exists.
 *
 * @returns what may exist in a real cloud without the state knowing it
 * @throws UserError if the other run is still alive
 */
export async function recover(paths: RehearsalPaths, session: Session): Promise<PossibleOrphan[]> {
  await removeStaleLock(paths, session);
  const state = JSON.parse(await pulumi(session, ["stack", "export"])) as ExportedState;
  const { resources = [], pending_operations: pending = [] } = state.deployment;
  const creates = [
    ...pending.filter(({ type }) => type === "creating").map(({ resource }) => resource),
    ...readUnanswered(session),
  ];
  if (pending.length === 0 && creates.length === 0) return [];

  // Whatever happens from here on: they are known until they are settled.
  writeUnanswered(session, creates);
  const found = creates.flatMap((resource) => {
    const id = knownId(resource);
    return id === undefined ? [] : [{ ...resource, id }];
  });
  const settled = withFound(resources, found);
  // `refresh --import-pending-creates` of this engine forgets the create and imports nothing.
  const imported = { ...state, deployment: { ...state.deployment, resources: settled, pending_operations: [] } };
  await pulumi(session, ["stack", "import"], JSON.stringify(imported));
  const interrupted = new Set([...pending.map(({ resource }) => resource.urn), ...found.map(({ urn }) => urn)]);
  const targets = [...interrupted].filter((urn) => settled.some((resource) => resource.urn === urn));
  if (targets.length > 0) {
    // What isn't there after all leaves the state again.
    await pulumi(session, ["refresh", "--yes", "--skip-preview", ...targets.flatMap((urn) => ["--target", urn])]);
  }
  const lost = creates.filter((resource) => isInCloud(resource) && knownId(resource) === undefined);
  writeUnanswered(session, lost);
  const byUrn = new Map(lost.map((resource) => [resource.urn, resource]));
  return [...byUrn.values()].map((resource) => {
    const isMadeAnew = resources.some(({ urn }) => urn === resource.urn);
    return possibleOrphan(resource, session.stack.name, isMadeAnew);
  });
}

/** They are not listed again: the user was told, and the stack is complete without them. */
export function forgetOrphans(session: Session): void {
  writeUnanswered(session, []);
}

/** The state as it would be had the creates been answered; an object may be replacing one that has the same URN. */
function withFound(resources: StateResource[], found: StateResource[]): StateResource[] {
  const missing = found.filter(
    ({ urn, id }) => !resources.some((other) => other.urn === urn && other.id === id && !other.pendingReplacement),
  );
  const replaced = new Set(missing.map(({ urn }) => urn));
  const kept = resources
    .filter(({ urn, pendingReplacement }) => !(replaced.has(urn) && pendingReplacement))
    .map((resource) => (replaced.has(resource.urn) ? { ...resource, delete: true } : resource));
  return [...kept, ...missing];
}

function pulumi({ stack, ...session }: Session, argv: string[], input?: string): Promise<string> {
  const command = [...argv, "--stack", stack.name, "--non-interactive"];
  return runWithInput(session.pulumi, command, session.workDirectory, session.environment, input);
}
