import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { TenantIsolation } from "../components";

/** How far a tenant has come that leaves. */
export enum TenantStage {
  Active = "active",
  /** Its data is there, and a copy is where its entry says. */
  Offboarding = "offboarding",
  /** Its data has gone, and its entry may. */
  Deleted = "deleted",
}

/** Where a tenant's data is. */
export interface TenantPlace {
  isolation: TenantIsolation;
  dataRegion: string;
  stage: TenantStage;
}

/** How the data is divided now; no store can take a part away while it is in use. */
export interface DataLayout {
  /** Partitions by topic. */
  partitions: Record<string, number>;
  /** Shards by keyspace. */
  shards: Record<string, number>;
  /** Tenants with data, by id. */
  tenants: Record<string, TenantPlace>;
}

/** Of a stack that has never been updated. */
export const emptyLayout: DataLayout = { partitions: {}, shards: {}, tenants: {} };

const counts = z.record(z.string(), z.number()).catch({});
const place = z.object({
  isolation: z.enum(TenantIsolation),
  dataRegion: z.string(),
  stage: z.enum(TenantStage),
});
const layoutSchema = z
  .object({ partitions: counts, shards: counts, tenants: z.record(z.string(), place).catch({}) })
  .catch(emptyLayout);

/** Name of the stack's output that holds the layout, for the next update. */
export const layoutOutput = "layout";

/** The layout as a stack's output: a stage is known once its jobs have ended, and without tenants there is nothing of them. */
export interface LayoutOutput extends Omit<DataLayout, "tenants"> {
  tenants?: Record<string, Omit<TenantPlace, "stage"> & { stage: pulumi.Input<TenantStage> }>;
}

/**
 * The layout after this stack's last update, empty before the first one. It is there before anything is registered, in a
 * preview too, so that what can't be done is refused together with all other errors.
 */
export async function previousLayout(): Promise<DataLayout> {
  const stack = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
  const { value } = await new pulumi.StackReference("previous", { name: stack }).getOutputDetails(layoutOutput);
  return layoutSchema.parse(value);
}
