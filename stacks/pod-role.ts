import type * as pulumi from "@pulumi/pulumi";
import { PodRole, type StoreConnection } from "../components";
import type { RegionCloud } from "./cluster";

/** What the stores that pods use ask for in AWS, if anything: pods must have it before they start. */
export function podRole(
  serviceAccount: string,
  namespace: pulumi.Input<string>,
  connections: StoreConnection[],
  { clusterName, options }: RegionCloud,
): PodRole | undefined {
  const statements = connections.flatMap(({ awsStatements = [] }) => awsStatements);
  if (statements.length === 0) return undefined;
  return new PodRole(serviceAccount, { clusterName, namespace, serviceAccount, statements }, options);
}
