import { evaluate } from "../../policies/rules";
import { compliant } from "./fixture";
import { type Severed, testSevered, testTolerated, testWeakened } from "./reports";

const pod = "spec.template.spec";
const first = `${pod}.containers[0]`;
const locked = `${first}.securityContext`;
const cronJob = "spec.jobTemplate.spec.template.spec.containers[0]";
const why = "spec.template.metadata.annotations";
const zone = "topology.kubernetes.io/zone";

testWeakened([
  ["hardened-containers", "Deployment/catalog", `${locked}.allowPrivilegeEscalation`, undefined, true],
  ["hardened-containers", "Deployment/catalog", `${locked}.readOnlyRootFilesystem`, undefined, false],
  ["hardened-containers", "Deployment/catalog", `${locked}.privileged`, true],
  ["hardened-containers", "Deployment/catalog", `${locked}.capabilities.drop`, undefined, [], ["NET_RAW"]],
  ["hardened-containers", "Deployment/catalog", `${locked}.capabilities.add`, ["SYS_ADMIN"], ["ALL"]],
  ["hardened-containers", "Deployment/catalog", `${locked}.runAsNonRoot`, false],
  ["hardened-containers", "Deployment/catalog", `${locked}.runAsUser`, 0],
  ["hardened-containers", "Deployment/catalog", `${locked}.seccompProfile.type`, "Unconfined"],
  ["hardened-containers", "Deployment/catalog", `${pod}.securityContext.runAsNonRoot`, false],
  ["hardened-containers", "Deployment/catalog", `${pod}.securityContext.runAsUser`, 0],
  ["hardened-containers", "Deployment/catalog", `${pod}.securityContext.seccompProfile.type`, undefined, "Unconfined"],
  ["hardened-containers", "Deployment/catalog", `${pod}.initContainers[0].securityContext.privileged`, true],
  ["hardened-containers", "StatefulSet/orders", `${locked}.runAsUser`, 0],
  ["hardened-containers", "DaemonSet/log-agent", `${locked}.readOnlyRootFilesystem`, undefined],
  ["hardened-containers", "Job/import", `${locked}.runAsNonRoot`, undefined],
  ["hardened-containers", "Job/import", `${locked}.seccompProfile.type`, undefined],
  ["hardened-containers", "CronJob/report", `${cronJob}.securityContext.allowPrivilegeEscalation`, undefined],
  ["hardened-containers", "Pod/shell", "spec.containers[0].securityContext.readOnlyRootFilesystem", false],
  ["hardened-containers", "Pod/gateway", "spec.containers[0].securityContext.privileged", true],
  [
    ...(["pinned-images", "Deployment/catalog", `${first}.image`] as const),
    ...[undefined, "", "app", "app:latest", "registry:5000/app", "registry:5000/app:latest", "app@sha256:12", "auto"],
  ],
  ["pinned-images", "CronJob/report", `${cronJob}.image`, "app"],
  ["zone-spread", "Deployment/catalog", `${pod}.topologySpreadConstraints`, undefined, []],
  ["zone-spread", "StatefulSet/orders", `${pod}.topologySpreadConstraints`, undefined],
  ["graceful-shutdown", "Deployment/catalog", `${pod}.terminationGracePeriodSeconds`, 0],
  ["graceful-shutdown", "Deployment/catalog", `${first}.lifecycle.preStop.sleep.seconds`, 60, 90],
]);

const injected = "spec.containers[0].securityContext";

testSevered([
  [
    "a pod that says nothing",
    "hardened-containers",
    [["Deployment/catalog", `${pod}.securityContext`, undefined]],
    ...["containers[0]", "initContainers[0]", "initContainers[1]"].flatMap((place) =>
      ["runAsNonRoot", "seccompProfile.type"].map(
        (field) => ["Deployment/catalog", `${pod}.${place}.securityContext.${field}`] as const,
      ),
    ),
  ],
  ...[undefined, "", " "].map((reason): Severed => [
    `root for the reason ${JSON.stringify(reason)}`,
    "hardened-containers",
    [["DaemonSet/log-agent", why, { "omega-policies/runs-as-root": reason }]],
    ["DaemonSet/log-agent", `${locked}.runAsNonRoot`],
    ["DaemonSet/log-agent", `${locked}.runAsUser`],
  ]),
  [
    "a proxy that nobody injects",
    "pinned-images",
    [
      ["Pod/gateway", "metadata.annotations", {}],
      ["Pod/gateway", injected, { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true }],
      ["Pod/gateway", `${injected}.capabilities.drop`, ["ALL"]],
      ["Pod/gateway", `${injected}.runAsNonRoot`, true],
      ["Service/gateway", "spec.selector", undefined],
      ["Service/gateway", "spec.clusterIP", "None"],
      ["Service/gateway", "spec.ports[0].name", "tcp"],
    ],
    ["Pod/gateway", "spec.containers[0].image"],
  ],
  ...(["topologyKey", "labelSelector", "labelSelector.matchLabels.app"] as const).map((field): Severed => [
    `a constraint with another ${field}`,
    "zone-spread",
    [
      [
        "Deployment/catalog",
        `${pod}.topologySpreadConstraints[0].${field}`,
        field === "labelSelector" ? undefined : "other",
      ],
    ],
    ["Deployment/catalog", `${pod}.topologySpreadConstraints`],
  ]),
  [
    "an anti-affinity to others",
    "zone-spread",
    [
      [
        "Deployment/worker",
        `${pod}.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector`,
        { matchLabels: { app: "catalog" } },
      ],
    ],
    ["Deployment/worker", `${pod}.topologySpreadConstraints`],
  ],
  [
    "one replica for no reason",
    "minimum-replicas",
    [
      ["StatefulSet/ledger", "metadata.annotations", { "omega-policies/single-replica": " " }],
      [
        "StatefulSet/ledger",
        `${pod}.topologySpreadConstraints`,
        [{ topologyKey: zone, labelSelector: { matchLabels: { app: "ledger" } } }],
      ],
    ],
    ["StatefulSet/ledger", "spec.replicas"],
  ],
]);

testTolerated([
  ["Deployment/catalog", `${first}.image`, "registry:5000/team/app:1"],
  ["Deployment/catalog", `${first}.image`, `app@sha256:${"a".repeat(64)}`],
  ["Deployment/catalog", `${pod}.securityContext.runAsUser`, 10_001],
  ["Deployment/catalog", `${locked}.seccompProfile`, { type: "Localhost", localhostProfile: "app.json" }],
  ["Deployment/catalog", `${pod}.terminationGracePeriodSeconds`, undefined],
  ["Deployment/catalog", `${first}.lifecycle.preStop`, { exec: { command: ["sleep", "90"] } }],
  [
    "Deployment/worker",
    `${pod}.affinity.podAntiAffinity`,
    {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: zone, labelSelector: { matchExpressions: [{ key: "app", operator: "Exists" }] } },
      ],
    },
  ],
]);

test("a digest can be required", () => {
  const violations = evaluate(compliant, { "pinned-images": { requireDigest: true } });
  const paths = violations.filter(({ resource }) => resource === "catalog").map(({ path }) => path);
  expect(paths).toEqual([`${first}.image`, `${pod}.initContainers[1].image`]);
  expect(violations.map(({ resource }) => resource)).not.toContain("gateway");
});
