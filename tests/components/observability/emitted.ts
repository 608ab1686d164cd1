import type { ObservabilityArgs } from "../../../components/observability/observability";
import { Observability } from "../../../components/observability/observability";
import type { AlertingRule, RecordingRule, RuleGroup } from "../../../components/observability/prometheus-operator";
import { type PlannedResource, planProgram } from "../../../rehearsal/engine/plan";

/** What the tests observe: one service with the default objective. */
export const observed: ObservabilityArgs = {
  namespace: "monitoring",
  objectives: [{ service: "catalog", namespace: "shop" }],
  backend: {
    host: "otlp.example.com",
    authorization: { secretName: "telemetry-backend", key: "authorization" },
  },
};

/** The resources of the component, as the engine would be asked for them. */
export async function emittedResources(args: ObservabilityArgs = observed): Promise<PlannedResource[]> {
  const program = () => {
    new Observability("observability", args);
    return Promise.resolve({});
  };
  return (await planProgram(program, "test", { config: {}, secrets: [] })).resources;
}

export function ruleGroups(resources: PlannedResource[]): RuleGroup[] {
  return resources
    .filter(({ type }) => type.endsWith(":PrometheusRule"))
    .flatMap(({ props }) => (props.spec as { groups: RuleGroup[] }).groups);
}

export function alertsOf(groups: RuleGroup[]): AlertingRule[] {
  return groups.flatMap(({ rules }) => rules).filter((rule) => "alert" in rule);
}

export function recordsOf(groups: RuleGroup[]): RecordingRule[] {
  return groups.flatMap(({ rules }) => rules).filter((rule) => "record" in rule);
}

/** Name of an alert, with its window where several share the name. */
export const alertKey = ({ alert, labels }: AlertingRule): string => [alert, labels.window].filter(Boolean).join(" ");
