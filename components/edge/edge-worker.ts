import { createHash } from "node:crypto";
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse } from "../arguments";
import type { PlatformZone } from "../tenancy/tenant-directory";
import { type EdgeBehaviour, edgeProblems, edgeSettings } from "./edge-settings";
import { originlessRecord } from "./originless-record";
import { originHost } from "./region";
import type { RetryQueue } from "./retry-queue";
import type { Bindings } from "./worker/bindings";
import { bundleWorker } from "./worker/bundle";

export interface EdgeWorkerArgs extends EdgeBehaviour {
  accountId: pulumi.Input<string>;
  zone: PlatformZone;
  /** Unique in the account, e.g. `prod-edge`. */
  scriptName: string;
  /** Key-value store of a `TenantDirectory`. */
  tenantsNamespaceId: pulumi.Input<string>;
  /** Key-value store of a `FlagStore`. */
  flagsNamespaceId: pulumi.Input<string>;
  /** Bucket of an `AssetStore`. */
  assetsBucket: pulumi.Input<string>;
  retries: RetryQueue;
  /** An external database's, of a `DatabaseEdge`, as binding `DATABASE` for code of one's own. Default none. */
  databaseConfigurationId?: pulumi.Input<string>;
  /** Whether customers' own domains come too. Default false. */
  takesCustomDomains?: boolean;
  /** Domain of which `<tenant>.<domain>` are hosts of tenants. Default none. */
  tenantDomain?: string;
  /** The version that keeps the rest of the requests, and the percent that the new one gets. Default: the new one gets all. */
  canary?: EdgeCanary;
  /** Where its logs are pushed to. Default: they stay with Cloudflare, for some days. */
  logs?: LogDestination;
  /** Other hosts of the zone that its wildcards must not take, such as the assets' or a status page's. Default none. */
  bypassedHosts?: string[];
  /** Whether it stands before the load balancer. Default true. */
  isRouted?: boolean;
}

export interface EdgeCanary {
  /** Id of the version that is trusted: the stack's output `edgeVersion` of the update before. */
  stableVersion: string;
  /** From 1 to 99. */
  percent: number;
}

/** An R2 bucket by its S3 interface. */
export interface LogDestination {
  bucket: pulumi.Input<string>;
  /** Of a token of R2 that may write to this bucket alone. */
  accessKeyId: pulumi.Input<string>;
  /** Kept as a secret in the state, whether it comes as one or not. */
  secretAccessKey: pulumi.Input<string>;
}

/** Runtime behaviour that the tests saw. */
const compatibilityDate = "2026-04-01";
/** The architecture's. */
const cpuMilliseconds = 50;
/** With pauses from 10 s to an hour: two and a half hours. */
const maxRetries = 10;

/** The Worker of `worker/`, with what it is bound to, its share of the requests, and the hosts whose requests it gets. */
export class EdgeWorker extends pulumi.ComponentResource {
  /** For the canary of the next update. */
  readonly versionId: pulumi.Output<string>;

  constructor(name: string, args: EdgeWorkerArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:EdgeWorker", name, {}, options);
    refuse(`EdgeWorker "${name}"`, [...edgeProblems(args), ...canaryProblems(args.canary)]);
    const { accountId, scriptName, canary, retries } = args;
    const child = { parent: this };
    const worker = new cloudflare.Worker(
      `${name}-worker`,
      {
        ...{ accountId, name: scriptName, logpush: args.logs !== undefined },
        observability: {
          enabled: true,
          headSamplingRate: 1,
          logs: { enabled: true, headSamplingRate: 1, invocationLogs: false },
        },
        subdomain: { enabled: false, previewsEnabled: false },
      },
      child,
    );
    const script = bundleWorker();
    const version = new cloudflare.WorkerVersion(
      `${name}-version`,
      {
        ...{ accountId, workerId: worker.id, compatibilityDate, mainModule: "worker.js" },
        modules: [
          {
            name: "worker.js",
            contentType: "application/javascript+module",
            contentBase64: Buffer.from(script).toString("base64"),
          },
        ],
        bindings: bindings(args, script),
        exports: { TenantLimiter: { type: "durable-object", storage: "sqlite" } },
        limits: { cpuMs: cpuMilliseconds },
        annotations: { workersMessage: pulumi.interpolate`${pulumi.getStack()} of ${pulumi.getProject()}` },
      },
      // The one before is what a canary, or a way back, needs.
      { ...child, retainOnDelete: true },
    );
    const shares =
      canary === undefined
        ? [{ versionId: version.id, percentage: 100 }]
        : [
            { versionId: version.id, percentage: canary.percent },
            { versionId: canary.stableVersion, percentage: 100 - canary.percent },
          ];
    const deployment = new cloudflare.WorkersDeployment(
      `${name}-deployment`,
      { accountId, scriptName: worker.name, strategy: "percentage", versions: shares },
      child,
    );
    const deployed = { ...child, dependsOn: [deployment] };
    new cloudflare.QueueConsumer(
      `${name}-retries`,
      {
        ...{ accountId, queueId: retries.queueId, type: "worker", scriptName: worker.name },
        deadLetterQueue: retries.deadLetterQueueName,
        settings: { maxRetries, batchSize: 10, maxWaitTimeMs: 5000, maxConcurrency: 10 },
      },
      deployed,
    );
    if (args.flagsHost !== undefined) {
      originlessRecord(`${name}-flags-host`, args.zone, args.flagsHost, "Flags, answered by the Worker", child);
    }
    if (args.isRouted !== false) {
      const route = (host: string, script: { script?: pulumi.Input<string> }, dependsOn: pulumi.Resource[]) => {
        const pattern = `${host}/*`;
        const settings = { zoneId: args.zone.id, pattern, ...script };
        return new cloudflare.WorkersRoute(`${name}-route-${pattern}`, settings, { ...child, dependsOn });
      };
      const { taken, left } = routedHosts(args);
      const exemptions = left.map((host) => route(host, {}, []));
      for (const host of taken) route(host, { script: worker.name }, [deployment, ...exemptions]);
    }
    if (args.logs !== undefined) this.pushLogs(name, args, args.logs);
    this.versionId = version.id;
    this.registerOutputs({ versionId: this.versionId });
  }

  /** https://developers.cloudflare.com/logs/logpush/logpush-job/enable-destinations/r2/ */
  private pushLogs(
    name: string,
    { accountId, scriptName }: EdgeWorkerArgs,
    { bucket, accessKeyId, secretAccessKey }: LogDestination,
  ): void {
    const destination = pulumi.interpolate`r2://${bucket}/workers/{DATE}?account-id=${accountId}&access-key-id=${accessKeyId}&secret-access-key=${secretAccessKey}`;
    new cloudflare.LogpushJob(
      `${name}-logs`,
      {
        accountId,
        name: `${name}-workers`,
        dataset: "workers_trace_events",
        // Of this Worker, not of all that the account has.
        filter: JSON.stringify({ where: { key: "ScriptName", operator: "eq", value: scriptName } }),
        destinationConf: pulumi.secret(destination),
        enabled: true,
        maxUploadIntervalSeconds: 60,
        outputOptions: {
          fieldNames: ["Event", "EventTimestampMs", "Outcome", "Exceptions", "Logs", "ScriptName", "ScriptVersion"],
          timestampFormat: "rfc3339",
          outputType: "ndjson",
        },
      },
      { parent: this },
    );
  }
}

/** Hosts whose requests come to the Worker, and those that a wildcard among them must not take with it. */
function routedHosts(args: EdgeWorkerArgs): { taken: string[]; left: string[] } {
  const { zone, hosts, regions, flagsHost, tenantDomain, takesCustomDomains = false, bypassedHosts = [] } = args;
  const own = [
    ...hosts,
    ...(flagsHost === undefined ? [] : [flagsHost]),
    ...(tenantDomain === undefined ? [] : [`*.${tenantDomain}`]),
  ];
  // What the Worker itself asks for must not come back to it.
  const left = [...bypassedHosts, ...regions.map(({ name }) => originHost(name, zone))];
  // Customers' domains aren't in the zone, and there is no other way to name them.
  if (takesCustomDomains) return { taken: ["*"], left };
  return { taken: own, left: left.filter((host) => tenantDomain !== undefined && host.endsWith(`.${tenantDomain}`)) };
}

type Binding = cloudflare.types.input.WorkerVersionBinding;

function bindings(args: EdgeWorkerArgs, script: string): Binding[] {
  const settings = edgeSettings(args);
  // What keeps its form and what it does keeps its copies: another version starts with none.
  const version = createHash("sha256").update(script).update(JSON.stringify(settings)).digest("hex").slice(0, 16);
  const all: Record<keyof Bindings, Omit<Binding, "name">> = {
    SETTINGS: { type: "json", json: JSON.stringify({ version, ...settings }) },
    TENANTS: { type: "kv_namespace", namespaceId: args.tenantsNamespaceId },
    FLAGS: { type: "kv_namespace", namespaceId: args.flagsNamespaceId },
    ASSETS: { type: "r2_bucket", bucketName: args.assetsBucket },
    RETRIES: { type: "queue", queueName: args.retries.queueName },
    LIMITERS: { type: "durable_object_namespace", className: "TenantLimiter" },
  };
  const named = Object.entries(all).map(([name, binding]) => ({ name, ...binding }));
  const id = args.databaseConfigurationId;
  return id === undefined ? named : [...named, { name: "DATABASE", type: "hyperdrive", id }];
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function canaryProblems(canary: EdgeCanary | undefined): ArgumentProblem[] {
  if (canary === undefined) return [];
  const { percent, stableVersion } = canary;
  return [
    ...(percent >= 1 && percent <= 99
      ? []
      : [{ path: "canary.percent", reason: `is ${percent}, must be from 1 to 99` }]),
    ...(uuid.test(stableVersion)
      ? []
      : [{ path: "canary.stableVersion", reason: `"${stableVersion}" must be a version's id: a UUID` }]),
  ];
}
