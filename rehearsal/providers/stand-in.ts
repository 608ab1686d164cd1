/** Property values as JSON; a value that is not known yet is the string `UNKNOWN`. Secrets arrive as plain values. */
export type Properties = Record<string, unknown>;

/** How the engine's protocol writes a value that only an update can know. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface ResourceReference {
  urn: string;
  /** Type token, e.g. `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** The last part of the URN. */
  name: string;
}

export interface ExistingResource extends ResourceReference {
  id: string;
  inputs: Properties;
  outputs: Properties;
}

export interface CheckFailure {
  /** Property path, e.g. `spec.replicas`. */
  property: string;
  reason: string;
}

export interface Difference {
  /** Paths that changed, e.g. `spec.template.spec.containers[0].image`. Empty: nothing to do. */
  changed: string[];
  /** Those of `changed` that only a replacement can change. */
  replaces: string[];
  /** The replacement has the same fixed name, so the old one must go first. */
  deleteBeforeReplace?: boolean;
}

export interface Operation {
  preview: boolean;
  /** 0: the type's default. */
  timeoutSeconds: number;
  /** Shown beside the resource while the operation runs. */
  report(message: string): void;
  /** Aborted when the user cancels. */
  signal: AbortSignal;
  /** Paths that an update leaves as they are, since others own them. */
  ignoreChanges?: readonly string[];
  /** Inputs (top level) that hold a secret: never write them in plain text anywhere. */
  secrets?: readonly string[];
}

/** The object exists but did not become ready: it is kept in the state, and the operation fails with these reasons. */
export class InitializationError extends Error {
  constructor(
    readonly id: string,
    readonly inputs: Properties,
    readonly outputs: Properties,
    readonly reasons: string[],
  ) {
    super(reasons.join("\n"));
  }
}

/**
 * One provider instance: a process of its own, as the engine starts real plug-ins, so configuration can't leak from one
 * region's provider into another's. Throw an Error with a message for the user to fail an operation.
 */
export interface StandIn {
  /** E.g. `aws`. */
  readonly package: string;
  /** Validates the provider resource's own arguments; unknowns may be among them. */
  checkConfig(arguments_: Properties): Promise<CheckFailure[]>;
  diffConfig(olds: Properties, news: Properties): Promise<Difference>;
  configure(arguments_: Properties): Promise<void>;
  /** Defaults, autonaming and validation; `olds` are the last inputs, if any. */
  check(
    resource: ResourceReference,
    olds: Properties | undefined,
    news: Properties,
    randomSeed: Uint8Array,
  ): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  diff(resource: ExistingResource, news: Properties, ignoreChanges: string[]): Promise<Difference>;
  /** In preview `id` is empty and every computed output is UNKNOWN. */
  create(
    resource: ResourceReference,
    inputs: Properties,
    operation: Operation,
  ): Promise<{ id: string; outputs: Properties }>;
  /** Undefined: it is gone. `resource.inputs` and `.outputs` are empty at import. */
  read(resource: ExistingResource): Promise<{ id: string; inputs: Properties; outputs: Properties } | undefined>;
  update(resource: ExistingResource, news: Properties, operation: Operation): Promise<{ outputs: Properties }>;
  delete(resource: ExistingResource, operation: Operation): Promise<void>;
  /** A function such as `aws:index/getAvailabilityZones:getAvailabilityZones`. */
  invoke(token: string, arguments_: Properties): Promise<Properties>;
}
