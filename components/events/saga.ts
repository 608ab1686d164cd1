import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { refuse } from "../arguments";
import { defaultRunbooksUrl } from "../observability/alerts";
import { PrometheusRule } from "../observability/prometheus-operator";
import type { SagaDefinition } from "./saga-definition";
import { sagaAlertGroup } from "./saga-alerts";
import { sagaDiagram } from "./saga-diagram";
import { problemsOf, type SagaNeighbours } from "./saga-problems";
import type { TopicDeclaration } from "./topics";

export interface SagaArgs {
  /** Name of the services' namespace. */
  namespace: pulumi.Input<string>;
  saga: SagaDefinition;
  /** What the saga refers to: its topics, the contracts of its services and the schemas of its events. */
  neighbours: SagaNeighbours & { topics: readonly Pick<TopicDeclaration, "name" | "events">[] };
  /** Whether Prometheus' operator is there, for the alerts. Default true. */
  isWatched?: boolean;
  /** Where docs/runbooks.md is served. Default: its path in the repository. */
  runbooksUrl?: string;
}

/**
 * A saga as it is declared: its definition and its diagram in a ConfigMap `saga-<name>`, and the alerts on those that don't
 * end. One that leaves a step without what undoes it, or that its services' contracts don't allow, can't be made.
 */
export class Saga extends pulumi.ComponentResource {
  /** A Mermaid flowchart. */
  readonly diagram: string;

  constructor(name: string, args: SagaArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:Saga", name, {}, options);
    const { namespace, saga, neighbours, isWatched = true, runbooksUrl = defaultRunbooksUrl } = args;
    refuse(
      `Saga "${name}"`,
      problemsOf(saga, neighbours).map(({ path, reason }) => ({ path: `saga.${path}`, reason })),
    );
    this.diagram = sagaDiagram(saga);
    const metadata = { name: `saga-${saga.name}`, namespace };
    new kubernetes.core.v1.ConfigMap(
      `${name}-definition`,
      {
        metadata: { ...metadata, labels: { "omega-platform/registry": "sagas" } },
        data: { "saga.json": JSON.stringify(saga, undefined, 2), "diagram.mmd": this.diagram },
      },
      { parent: this },
    );
    if (isWatched) {
      new PrometheusRule(
        `${name}-alerts`,
        { metadata, spec: { groups: [sagaAlertGroup(saga, neighbours.topics, runbooksUrl)] } },
        { parent: this },
      );
    }
    this.registerOutputs({ diagram: this.diagram });
  }
}
