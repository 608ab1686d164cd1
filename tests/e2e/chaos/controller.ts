import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { provideTools } from "../../../rehearsal/toolchain";
import { CertificateAuthority } from "../../certificates";
import { freePort } from "../data-plane/ports";
import { RunningProgram } from "../data-plane/processes";
import { get } from "../data-plane/http";

/** Kinds whose objects go through Chaos Mesh's own webhooks, by their plural. */
const admitted = {
  schedules: "schedule",
  workflows: "workflow",
  statuschecks: "statuscheck",
  stresschaos: "stresschaos",
};

interface ControllerArgs {
  folder: string;
  kubeconfig: string;
  kubectl: (command: string, input?: object) => string;
}

/** Chaos Mesh's own controller with its webhooks, set up as its chart does in our platform, except for security mode. */
export async function startController({ folder, kubeconfig, kubectl }: ControllerArgs): Promise<RunningProgram> {
  const certificates = join(folder, "certificates");
  mkdirSync(certificates, { recursive: true });
  const authority = new CertificateAuthority(certificates);
  const { certificate, key } = authority.issue("IP:127.0.0.1");
  writeFileSync(join(certificates, "tls.crt"), certificate);
  writeFileSync(join(certificates, "tls.key"), key);
  const [webhookPort, metricsPort] = [await freePort(), await freePort()];
  const { "chaos-controller-manager": command } = await provideTools(["chaos-controller-manager"]);
  const controller = new RunningProgram({
    command,
    args: [],
    folder,
    logFile: join(folder, "controller.log"),
    environment: {
      KUBECONFIG: kubeconfig,
      CERTS_DIR: certificates,
      ENABLE_FILTER_NAMESPACE: "true",
      ENABLE_LEADER_ELECTION: "false",
      SECURITY_MODE: "false",
      NAMESPACE: "chaos-mesh",
      WEBHOOK_HOST: "127.0.0.1",
      WEBHOOK_PORT: String(webhookPort),
      METRICS_HOST: "127.0.0.1",
      METRICS_PORT: String(metricsPort),
    },
  });
  await controller.until(async () => {
    const answer = await get(metricsPort, "/metrics").catch(() => undefined);
    return answer?.status === 200;
  });
  const caBundle = Buffer.from(authority.certificate).toString("base64");
  for (const [kind, verb] of [
    ["MutatingWebhookConfiguration", "mutate"],
    ["ValidatingWebhookConfiguration", "validate"],
  ] as const) {
    const webhooks = Object.entries(admitted).map(([resource, name]) => ({
      name: `${name}.chaos-mesh.org`,
      clientConfig: { url: `https://127.0.0.1:${webhookPort}/${verb}-chaos-mesh-org-v1alpha1-${name}`, caBundle },
      rules: [
        {
          apiGroups: ["chaos-mesh.org"],
          apiVersions: ["v1alpha1"],
          operations: ["CREATE", "UPDATE"],
          resources: [resource],
        },
      ],
      failurePolicy: "Fail",
      sideEffects: "None",
      admissionReviewVersions: ["v1"],
    }));
    const metadata = { name: "chaos-mesh" };
    kubectl("apply -f -", { apiVersion: "admissionregistration.k8s.io/v1", kind, metadata, webhooks });
  }
  return controller;
}
