import type * as pulumi from "@pulumi/pulumi";

/** For a component that holds data. */
export interface ProtectionArgs {
  /**
   * Whether its data survives a mistake. Default true: an update that would delete or replace it is refused, and when it is
   * let go of on purpose, it stays where it is.
   */
  protectData?: boolean;
}

/** The options of a resource that holds data. */
export function dataOptions({ protectData = true }: ProtectionArgs): pulumi.CustomResourceOptions {
  return { protect: protectData, retainOnDelete: protectData };
}

/** As an annotation or a tag of what may go, or of its namespace: the policy kept-data asks for a reason in production. */
export function deletableAnnotations({ protectData = true }: ProtectionArgs): Record<string, string> {
  return protectData ? {} : { "omega-policies/deletable": "the configuration of its stack lets its data go" };
}

/** As an annotation or a tag, where a reason is given: the policy bounded-stores asks for one. */
export function keptForEverAnnotations(reason: string | undefined): Record<string, string> {
  return reason === undefined ? {} : { "omega-policies/kept-for-ever": reason };
}
