import { createHash } from "node:crypto";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Sidecar } from "../../mesh/istio";
import { toPlatform } from "../../service/network-policy";
import { restricted, restrictedPod } from "../../service/pod";
import { resourceRequirements } from "../../service/size";
import { type Registrations, registrationScript } from "./registrations";
import { registryName } from "./storage";

export interface RegistrarArgs {
  /** Of its job, its ServiceAccount and its pods. */
  name: string;
  namespace: pulumi.Input<string>;
  bodies: Registrations;
  /** Of the registry. */
  url: pulumi.Input<string>;
  host: pulumi.Input<string>;
  /** Default curl's own, 8.17. */
  image?: pulumi.Input<string>;
}

/** Seconds until the registration has failed. */
const deadlineSeconds = 600;

/** Tells the registry of all schemas, whenever there are others than last time. */
export class Registrar extends pulumi.ComponentResource {
  constructor(name: string, args: RegistrarArgs, options: pulumi.ComponentResourceOptions) {
    super("omega:index:Registrar", name, {}, options);
    const { namespace, bodies, url, host } = args;
    const script = registrationScript("/content");
    const digest = createHash("sha256")
      .update(JSON.stringify([bodies, script]))
      .digest("hex")
      .slice(0, 10);
    const child = { parent: this };
    const labels = { "app.kubernetes.io/name": args.name };
    const metadata = { name: args.name, namespace, labels };
    const account = new kubernetes.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata, automountServiceAccountToken: false },
      child,
    );
    const content = new kubernetes.core.v1.ConfigMap(`${name}-content`, { metadata, data: bodies }, child);
    const policy = new kubernetes.networking.v1.NetworkPolicy(
      `${name}-network-policy`,
      {
        metadata,
        spec: {
          podSelector: { matchLabels: labels },
          policyTypes: ["Ingress", "Egress"],
          egress: [
            ...toPlatform,
            {
              to: [{ podSelector: { matchLabels: { "app.kubernetes.io/name": registryName } } }],
              ports: [{ port: 8080, protocol: "TCP" }],
            },
          ],
        },
      },
      child,
    );
    const sidecar = new Sidecar(
      `${name}-sidecar`,
      {
        metadata,
        spec: {
          workloadSelector: { labels },
          egress: [{ hosts: [pulumi.interpolate`./${host}`, "istio-system/*", "monitoring/*"] }],
          outboundTrafficPolicy: { mode: "REGISTRY_ONLY" },
        },
      },
      child,
    );
    // A job can't be changed: other schemas are another job.
    new kubernetes.batch.v1.Job(
      `${name}-job`,
      {
        metadata: { ...metadata, name: `${args.name}-${digest}` },
        spec: {
          backoffLimit: 4,
          activeDeadlineSeconds: deadlineSeconds,
          template: {
            metadata: {
              labels,
              annotations: {
                // One that is an ordinary container would keep the job's pod from ending.
                "sidecar.istio.io/nativeSidecar": "true",
              },
            },
            spec: {
              restartPolicy: "Never",
              serviceAccountName: account.metadata.name,
              automountServiceAccountToken: false,
              terminationGracePeriodSeconds: 30,
              securityContext: restrictedPod,
              containers: [
                {
                  name: args.name,
                  image: args.image ?? "docker.io/curlimages/curl:8.17.0",
                  command: ["/bin/sh", "-ceu", script],
                  env: [{ name: "REGISTRY_URL", value: url }],
                  resources: resourceRequirements({ cpu: "50m", memory: "64Mi" }),
                  securityContext: restricted,
                  volumeMounts: [
                    { name: "tmp", mountPath: "/tmp" },
                    { name: "content", mountPath: "/content", readOnly: true },
                  ],
                },
              ],
              volumes: [
                { name: "tmp", emptyDir: { sizeLimit: "16Mi" } },
                { name: "content", configMap: { name: content.metadata.name } },
              ],
            },
          },
        },
      },
      { ...child, dependsOn: [policy, sidecar], customTimeouts: { create: `${deadlineSeconds}s` } },
    );
    this.registerOutputs({});
  }
}
