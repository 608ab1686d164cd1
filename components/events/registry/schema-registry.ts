import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../../arguments";
import type { StoreConnection } from "../../data/connection";
import { Bulkhead } from "../../mesh/bulkheads";
import { AuthorizationPolicy } from "../../mesh/istio";
import type { Caller } from "../../mesh/routing";
import { AgenticService } from "../../service/agentic-service";
import type { Replicas } from "../../service/autoscaling";
import type { ServiceContract } from "../../service/contract";
import { Size } from "../../service/size";
import { type EventSchema, eventSchemaProblems } from "../event-schemas";
import { Registrar } from "./registrar";
import { registrations } from "./registrations";
import { registryName } from "./storage";

export interface SchemaRegistryArgs {
  /** Name of the services' namespace, which has joined the mesh. */
  namespace: pulumi.Input<string>;
  /** What is registered. */
  schemas: EventSchema[];
  /** Where it keeps that: of `RegistryTopics`, or of a database. */
  storage: StoreConnection;
  /** Services that may read it, which are those whose contracts depend on `schema-registry`. Default none. */
  readers?: Caller[];
  /** Image of Apicurio Registry 3.3. */
  image?: pulumi.Input<string>;
  /** Image of curl, with a shell. */
  curlImage?: pulumi.Input<string>;
  /** Default from 2 to 4. */
  replicas?: Replicas;
}

/** The registry as the other services see it: one of them. */
export const registryContract: ServiceContract = {
  name: registryName,
  version: "3.3.3",
  capabilities: ["event-schemas"],
  owns: ["event-schemas"],
  publishes: [],
  consumes: [],
  dependencies: [],
  health: {
    startupPath: "/health/started",
    readinessPath: "/health/ready",
    livenessPath: "/health/live",
    port: 9000,
  },
};

/**
 * Apicurio Registry with the schemas of the platform's events, in the group `omega`, an artifact a type. The stack alone writes
 * to it: all others may read. Services have their schemas with them and go on without it.
 */
export class SchemaRegistry extends pulumi.ComponentResource {
  /** Where its API is, in the mesh. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: SchemaRegistryArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:SchemaRegistry", name, {}, options);
    const { namespace, schemas, storage, readers = [] } = args;
    refuse(
      `SchemaRegistry "${name}"`,
      eventSchemaProblems(schemas).map(({ path, reason }) => ({ path: `schemas.${path}`, reason })),
    );
    const bodies = registrations(schemas);
    const registrarName = `${registryName}-registrar`;
    const service = new AgenticService(
      name,
      {
        ...{ namespace, contract: registryContract },
        image: args.image ?? "quay.io/apicurio/apicurio-registry:3.3.3",
        size: Size.Medium,
        replicas: args.replicas ?? { min: 2, max: 4 },
        bulkhead: Bulkhead.Background,
        callers: [{ service: registrarName, calls: [{ bulkhead: Bulkhead.Background }] }, ...readers],
        stores: [storage],
      },
      { parent: this },
    );
    new AuthorizationPolicy(
      `${name}-read-only`,
      {
        metadata: { name: `${registryName}-read-only`, namespace },
        spec: {
          selector: { matchLabels: { "app.kubernetes.io/name": registryName } },
          action: "DENY",
          rules: [
            {
              from: [
                {
                  source: {
                    notPrincipals: [pulumi.interpolate`cluster.local/ns/${namespace}/sa/${registrarName}`],
                  },
                },
              ],
              to: [{ operation: { ports: ["8080"], notMethods: ["GET", "HEAD"] } }],
            },
          ],
        },
      },
      { parent: this },
    );
    this.url = pulumi.interpolate`http://${service.host}:8080`;
    new Registrar(
      `${name}-registrar`,
      {
        ...{ name: registrarName, namespace, bodies, url: this.url, host: service.host },
        ...(args.curlImage === undefined ? {} : { image: args.curlImage }),
      },
      { parent: this, dependsOn: [service] },
    );
    this.registerOutputs({ url: this.url });
  }
}
