import type * as pulumi from "@pulumi/pulumi";
import { Saga } from "../components";
import { sagasVariable } from "../components/events/saga-definition";
import { sagaProblems, type SagaNeighbours } from "../components/events/saga-problems";
import type { TopicDeclaration } from "../components";
import type { PlatformConfig } from "./config";
import type { ConfigurationError } from "./configuration-error";
import { eventDeclarations } from "./entities";
import { platformSchemas } from "./event-schemas";
import type { PlatformSections } from "./schema";

type Sections = Pick<PlatformSections, "entities" | "events" | "services">;

function neighboursOf(sections: Sections): SagaNeighbours & { topics: TopicDeclaration[] } {
  const { topics, contracts } = eventDeclarations(sections);
  return { topics, services: contracts, schemas: platformSchemas(sections) };
}

/** Rules of sagas, and between them, topics, contracts and schemas. */
export function sagaErrors(sections: PlatformSections): ConfigurationError[] {
  const { sagas, events } = sections;
  if (sagas.length > 0 && events === undefined) {
    return [{ path: "sagas", reason: "need the section events, and there is none" }];
  }
  return sagaProblems(sagas, neighboursOf(sections)).map(({ path, reason }) => ({ path: `sagas${path}`, reason }));
}

/** What a service is told of the sagas that it coordinates. */
export function sagaEnvironment(config: PlatformConfig, service: string): Record<string, string> {
  const variable = sagasVariable(service, config.sagas, platformSchemas(config));
  return variable === undefined ? {} : { OMEGA_SAGAS: variable };
}

/** @returns their diagrams, by name */
export function buildSagas(
  config: PlatformConfig,
  namespace: pulumi.Input<string>,
  options: pulumi.ComponentResourceOptions,
): Record<string, string> {
  const neighbours = neighboursOf(config);
  const { observability } = config;
  const { runbooksUrl } = observability ?? {};
  return Object.fromEntries(
    config.sagas.map((saga) => {
      const args = {
        ...{ namespace, saga, neighbours, isWatched: observability !== undefined },
        ...(runbooksUrl === undefined ? {} : { runbooksUrl }),
      };
      return [saga.name, new Saga(`saga-${saga.name}`, args, options).diagram];
    }),
  );
}
