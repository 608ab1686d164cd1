import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** For a pod's annotations: another configuration is another template, and so a rollout. */
export const configurationDigest = (configuration: pulumi.Input<string>): pulumi.Output<string> =>
  pulumi.output(configuration).apply((text) => createHash("sha256").update(text).digest("hex").slice(0, 16));
