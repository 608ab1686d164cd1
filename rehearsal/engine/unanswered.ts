import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "./session";

/** A resource as the engine's state describes it. */
export interface StateResource {
  urn: string;
  type: string;
  custom: boolean;
  id?: string;
  inputs?: Record<string, unknown>;
  parent?: string;
  provider?: string;
  /** Replaced already, and still to be deleted. */
  delete?: boolean;
  /** Deleted already, and still to be made anew. */
  pendingReplacement?: boolean;
}

/**
 * Creates of which nobody knows whether they were done. The engine keeps them in the state when it is killed itself; but
 * when a provider is, it forgets them, and every import of a state forgets them too.
 */
export function readUnanswered({ workDirectory }: Session): StateResource[] {
  const file = fileIn(workDirectory);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as StateResource[]) : [];
}

export function writeUnanswered({ workDirectory }: Session, creates: StateResource[]): void {
  const file = fileIn(workDirectory);
  if (creates.length === 0) rmSync(file, { force: true });
  else writeFileSync(file, JSON.stringify(creates, undefined, 2), { mode: 0o600 });
}

export function addUnanswered(session: Session, creates: StateResource[]): void {
  if (creates.length > 0) writeUnanswered(session, [...readUnanswered(session), ...creates]);
}

const fileIn = (workDirectory: string): string => join(workDirectory, "unanswered.json");
