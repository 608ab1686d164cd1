import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Certificate, type IssuerReference, serverCertificateSpec } from "../../certificates/certificates";
import { dataOptions } from "../../data/protection";
import { recoveryAnnotations } from "../../data/recovery";
import { Bulkhead, priorityClassName } from "../../mesh/bulkheads";
import { TcpBoundary } from "../../mesh/tcp-boundary";
import { PodMonitor, PrometheusRule } from "../../observability/prometheus-operator";
import { inNamespace } from "../../service/network-policy";
import { restricted, zoneSpread } from "../../service/pod";
import { cacheAlerts, cacheMonitorSpec } from "../alerts";
import { dragonflyImage, dragonflyPodSecurity } from "../dragonfly-image";
import { Dragonfly, type DragonflySpec } from "../dragonfly-operator";
import type { CacheMonitoring } from "../regional-cache";
import { replicaSize } from "../size";
import { snapshotSchedule } from "../snapshots";
import { CertificateReload } from "./certificate-reload";
import { type CacheEngineArgs, type CacheServer, EvictionPolicy } from "./engine";

export interface DragonflyEngineArgs extends CacheEngineArgs {
  namespace: string;
  clientsNamespace: string;
  clients: string[];
  issuer: IssuerReference;
  monitoring?: CacheMonitoring;
}

const port = 6379;
/** From one proxy whose service has declared none. */
const mostConnections = 100;
/** Of the Secret with the authority, in the clients' namespace. */
const authoritySecretName = "stores-trust";
const userName = "default";

/**
 * A primary that is read and written, and replicas over the zones, of which the operator makes one the primary when that is
 * lost. Clients speak TLS with it. Its pods copy from each other in plain text, at a port without a password that nobody else
 * reaches: the operator knows no other way.
 */
export class DragonflyEngine extends pulumi.ComponentResource {
  readonly server: CacheServer;

  constructor(name: string, args: DragonflyEngineArgs, options: pulumi.ComponentResourceOptions) {
    super("omega:index:DragonflyEngine", name, {}, options);
    const { namespace, password, monitoring } = args;
    const child = { parent: this };
    // The operator's labels of the pods.
    const pods = { app: name, "app.kubernetes.io/name": "dragonfly" };
    const metadata = { name, namespace, labels: { "app.kubernetes.io/part-of": name } };
    const readerName = `${name}-reader`;
    const hostOf = (service: pulumi.Input<string>) => pulumi.interpolate`${service}.${namespace}.svc.cluster.local`;

    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );
    const secret = new kubernetes.core.v1.Secret(
      `${name}-server-password`,
      { metadata: { ...metadata, name: `${name}-password` }, stringData: { password } },
      child,
    );
    const certificateSecretName = `${name}-certificate`;
    const certificate = new Certificate(
      `${name}-certificate`,
      {
        metadata: { ...metadata, name: certificateSecretName },
        spec: serverCertificateSpec(
          certificateSecretName,
          [name, readerName].map((service) => `${service}.${namespace}.svc.cluster.local`),
          args.issuer,
        ),
      },
      child,
    );
    const dragonfly = new Dragonfly(
      `${name}-dragonfly`,
      {
        metadata: { ...metadata, annotations: { ...whenReady, ...says(args), ...recoveryAnnotations(args.recovery) } },
        spec: dragonflySpec(args, {
          pods,
          certificateSecretName,
          passwordSecretName: secret.metadata.name,
          serviceAccountName: account.metadata.name,
        }),
      },
      { ...child, ...dataOptions(args), dependsOn: [certificate] },
    );

    // The operator makes the primary's, which has the cache's own name.
    const reader = new kubernetes.core.v1.Service(
      `${name}-reader`,
      {
        metadata: { ...metadata, name: readerName, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: {
          selector: { ...pods, role: args.replicas > 1 ? "replica" : "master" },
          ports: [{ name: "tcp-redis", port, targetPort: port, appProtocol: "tcp" }],
        },
      },
      { ...child, dependsOn: [dragonfly] },
    );

    // A client of the mesh has a boundary of its own, which goes before these.
    for (const service of [name, readerName]) {
      new TcpBoundary(service, { namespace, host: hostOf(service), connectionsPerProxy: mostConnections }, child);
    }

    // Beside the operator's own policy, which lets in itself and the replicas.
    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-clients`,
      {
        metadata: { ...metadata, name: `${name}-clients` },
        spec: {
          podSelector: { matchLabels: pods },
          policyTypes: ["Ingress"],
          ingress: [
            {
              from: [
                {
                  ...inNamespace(args.clientsNamespace),
                  podSelector: {
                    matchExpressions: [{ key: "app.kubernetes.io/name", operator: "In", values: args.clients }],
                  },
                },
              ],
              ports: [{ port, protocol: "TCP" }],
            },
          ],
        },
      },
      child,
    );

    new CertificateReload(name, { namespace, pods, serviceAccountName: account.metadata.name }, child);

    if (monitoring !== undefined) {
      new PodMonitor(`${name}-monitor`, { metadata, spec: cacheMonitorSpec(name) }, child);
      new PrometheusRule(
        `${name}-alerts`,
        { metadata, spec: { groups: cacheAlerts({ ...args, name }, monitoring.runbooksUrl) } },
        child,
      );
    }

    const endpoint = { port, startsWithTls: true, pods: { namespace, labels: pods } };
    this.server = {
      endpoint: { ...endpoint, host: hostOf(dragonfly.metadata.name) },
      reader: { ...endpoint, host: hostOf(reader.metadata.name) },
      ...{ userName, isClustered: false, authoritySecretName },
    };
    this.registerOutputs({});
  }
}

/** The operator says by a phase, not by a condition, when all replicas follow their primary. */
const whenReady = { "pulumi.com/waitFor": "jsonpath={.status.phase}=Ready" };

function says({ evictionPolicy }: CacheEngineArgs): Record<string, string> {
  if (evictionPolicy !== EvictionPolicy.Never) return {};
  return { "omega-policies/refuses-when-full": "what is in it must stay until its own time is over" };
}

interface DragonflyReferences {
  pods: Record<string, string>;
  certificateSecretName: string;
  passwordSecretName: pulumi.Input<string>;
  serviceAccountName: pulumi.Input<string>;
}

function dragonflySpec(args: DragonflyEngineArgs, references: DragonflyReferences): DragonflySpec {
  const { gibibytes, replicas, evictionPolicy, snapshots } = args;
  const { dataMebibytes, threads, cpu, volumeGibibytes } = replicaSize(gibibytes);
  const memory = `${gibibytes}Gi`;
  const storageClass =
    snapshots?.storageClassName === undefined ? {} : { storageClassName: snapshots.storageClassName };
  return {
    replicas,
    image: dragonflyImage,
    imagePullPolicy: "IfNotPresent",
    args: [
      `--maxmemory=${dataMebibytes}mb`,
      `--proactor_threads=${threads}`,
      `--cache_mode=${evictionPolicy === EvictionPolicy.LeastUsed}`,
      // Each snapshot takes the place of the one before; without a name none is written, also not at the end.
      `--dbfilename=${snapshots === undefined ? "" : "snapshot"}`,
    ],
    resources: {
      requests: { cpu, memory, "ephemeral-storage": "256Mi" },
      limits: { memory, "ephemeral-storage": "1Gi" },
    },
    serviceAccountName: references.serviceAccountName,
    priorityClassName: priorityClassName(Bulkhead.Critical),
    podSecurityContext: dragonflyPodSecurity,
    containerSecurityContext: restricted,
    topologySpreadConstraints: zoneSpread(references.pods),
    authentication: { passwordFromSecret: { name: references.passwordSecretName, key: "password" } },
    tlsSecretRef: { name: references.certificateSecretName },
    ...(snapshots === undefined
      ? {}
      : {
          snapshot: {
            cron: snapshotSchedule(snapshots.everyMinutes),
            persistentVolumeClaimSpec: {
              ...storageClass,
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: `${volumeGibibytes}Gi` } },
            },
          },
        }),
    pdb: { maxUnavailable: 1 },
    networkPolicyEnabled: true,
    // A drain waits until the next replica has all of the data.
    enableReplicationReadinessGate: true,
  };
}
