import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";

/** How the data is divided now; no store can take a part away while it is in use. */
export interface DataLayout {
  /** Partitions by topic. */
  partitions: Record<string, number>;
  /** Shards by keyspace. */
  shards: Record<string, number>;
}

/** Of a stack that has never been updated. */
export const emptyLayout: DataLayout = { partitions: {}, shards: {} };

const counts = z.record(z.string(), z.number()).catch({});
const layoutSchema = z.object({ partitions: counts, shards: counts }).catch(emptyLayout);

/** Name of the stack's output that holds the layout, for the next update. */
export const layoutOutput = "layout";

/**
 * The layout after this stack's last update, empty before the first one. It is there before anything is registered, in a
 * preview too, so that what can't be done is refused together with all other errors.
 */
export async function previousLayout(): Promise<DataLayout> {
  const stack = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { value } = await new pulumi.StackReference("previous", { name: stack }).getOutputDetails(layoutOutput);
  return layoutSchema.parse(value);
}
