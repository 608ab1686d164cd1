import type * as pulumi from "@pulumi/pulumi";

/** A key of a Secret in the component's own namespace. */
export interface SecretKey {
  secretName: pulumi.Input<string>;
  key: string;
}
