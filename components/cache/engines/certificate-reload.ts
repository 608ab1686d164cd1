import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { restricted } from "../../service/pod";
import { resourceRequirements } from "../../service/size";
import { dragonflyImage, dragonflyPodSecurity } from "../dragonfly-image";

export interface CertificateReloadArgs {
  namespace: string;
  /** Labels of Dragonfly's pods. */
  pods: Record<string, string>;
  serviceAccountName: pulumi.Input<string>;
}

const adminPort = 9999;

/**
 * Dragonfly reads its certificate at its start alone, and the operator starts nothing anew for one that was renewed
 * (dragonfly-operator#151): once a day, which is a month before the old one ends, each pod is told to read it again.
 */
export class CertificateReload extends pulumi.ComponentResource {
  constructor(name: string, args: CertificateReloadArgs, options: pulumi.ComponentResourceOptions) {
    super("omega:index:CertificateReload", name, {}, options);
    const { namespace, pods } = args;
    const child = { parent: this };
    const labels = { "app.kubernetes.io/name": `${name}-certificate-reload` };
    const allPods = new kubernetes.core.v1.Service(
      `${name}-pods`,
      {
        metadata: { name: `${name}-pods`, namespace, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: {
          clusterIP: "None",
          selector: pods,
          ports: [{ name: "tcp-admin", port: adminPort, targetPort: adminPort, appProtocol: "tcp" }],
        },
      },
      child,
    );
    const host = pulumi.interpolate`${allPods.metadata.name}.${namespace}.svc.cluster.local`;
    new kubernetes.batch.v1.CronJob(
      `${name}-certificate-reload`,
      {
        metadata: { name: `${name}-certificate-reload`, namespace, labels },
        spec: {
          schedule: "17 4 * * *",
          concurrencyPolicy: "Forbid",
          startingDeadlineSeconds: 3600,
          jobTemplate: {
            spec: {
              backoffLimit: 3,
              activeDeadlineSeconds: 600,
              template: {
                metadata: { labels },
                spec: {
                  restartPolicy: "Never",
                  serviceAccountName: args.serviceAccountName,
                  automountServiceAccountToken: false,
                  securityContext: dragonflyPodSecurity,
                  containers: [
                    {
                      name: "reload",
                      // It holds redis-cli.
                      image: dragonflyImage,
                      imagePullPolicy: "IfNotPresent",
                      command: ["/bin/sh", "-ec", reload],
                      env: [{ name: "HOST", value: host }],
                      resources: resourceRequirements({ cpu: "10m", memory: "64Mi" }),
                      securityContext: restricted,
                    },
                  ],
                },
              },
            },
          },
        },
      },
      child,
    );
    this.registerOutputs({});
  }
}

/** Fails if one of them says anything but OK, for redis-cli itself succeeds also then. */
const reload = `
addresses=$(getent ahostsv4 "$HOST" | cut -d " " -f 1 | sort -u)
test -n "$addresses"
for address in $addresses; do
  redis-cli -h "$address" -p ${adminPort} CONFIG SET tls true | grep -x OK
done
`.trim();
