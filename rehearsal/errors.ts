/** A mistake or a failure that the user can act on: its message is all that is shown, and the exit code is 1. */
export class UserError extends Error {}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
