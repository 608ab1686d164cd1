import type { ResourceUnderTest } from "../../policies/rules";
import { probes, resource, template } from "./workload-fixture";

const app = "documents-enterprise";
const priorityClassName = "omega-standard-enterprise";

function labelled(target: ResourceUnderTest, labels: object): ResourceUnderTest {
  const metadata = Object.fromEntries(Object.entries(target.props["metadata"] ?? {}));
  return { ...target, props: { ...target.props, metadata: { ...metadata, labels } } };
}

/** Away from the other fixtures' budgets, which may select whatever is beside them. */
function inOwnNamespace(target: ResourceUnderTest): ResourceUnderTest {
  const metadata = Object.fromEntries(Object.entries(target.props["metadata"] ?? {}));
  return { ...target, props: { ...target.props, metadata: { ...metadata, namespace: "workplace" } } };
}

function entry(name: string, keyName: string, value: object): ResourceUnderTest {
  const type = "cloudflare:index/workersKv:WorkersKv";
  const props = { accountId: "account", namespaceId: "tenants", keyName, value: JSON.stringify(value) };
  return { type, name, urn: `urn:pulumi:dev::shop::${type}::${name}`, props };
}

/** A pool of one tier with its quota, and what the edge knows of tenants, beside entries of another kind. */
export const tenantObjects: readonly ResourceUnderTest[] = [
  ...[
    labelled(
      resource("apps/v1:Deployment", app, {
        replicas: 2,
        template: template(
          { app },
          {
            priorityClassName,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
            containers: [
              {
                ...{ name: "app", image: "registry.example.com/documents:1.2.3", ...probes },
                securityContext: {
                  ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
                  capabilities: { drop: ["ALL"] },
                },
              },
            ],
            topologySpreadConstraints: [
              { topologyKey: "topology.kubernetes.io/zone", maxSkew: 1, labelSelector: { matchLabels: { app } } },
            ],
          },
        ),
      }),
      { "omega-platform/tier": "enterprise" },
    ),
    resource("policy/v1:PodDisruptionBudget", "documents-enterprise", {
      ...{ minAvailable: 1, selector: { matchLabels: { app } } },
    }),
    resource("core/v1:ResourceQuota", "tier-enterprise", {
      hard: { "requests.cpu": "100", "requests.memory": "250Gi" },
      scopeSelector: {
        matchExpressions: [{ scopeName: "PriorityClass", operator: "In", values: ["other", priorityClassName] }],
      },
    }),
  ].map(inOwnNamespace),
  entry("acme", "tenant:acme", { id: "acme", requestsPerMinute: 6000 }),
  entry("acme-host", "host:acme.shop.example", { id: "acme", requestsPerMinute: 6000 }),
  entry("flag", "flag:new-editor", { variants: {} }),
];
