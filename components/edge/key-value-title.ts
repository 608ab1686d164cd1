import * as pulumi from "@pulumi/pulumi";

/** Title of a key-value store that nobody named: an account has each title once, whichever stack or project asks for it. */
export function keyValueTitle(name: string): string {
  return `${pulumi.getProject()}-${pulumi.getStack()}-${name}`;
}
