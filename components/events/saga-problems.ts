import { type ArgumentProblem, wholeNumberProblems } from "../arguments";
import type { EventContract } from "./event-plan";
import type { EventSchema } from "./event-schemas";
import { covers } from "./event-types";
import { Finality, type SagaDefinition, type SagaStep } from "./saga-definition";
import { chainProblems } from "./saga-chain";
import { dataProblems } from "./saga-data";
import type { TopicDeclaration } from "./topics";

/** What sagas refer to. */
export interface SagaNeighbours {
  topics: readonly Pick<TopicDeclaration, "events">[];
  services: readonly EventContract[];
  schemas: readonly EventSchema[];
}

const dnsLabel = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Everything that is wrong with sagas, for themselves and with what they refer to; paths begin `[0]`. */
export function sagaProblems(sagas: readonly SagaDefinition[], neighbours: SagaNeighbours): ArgumentProblem[] {
  return sagas.flatMap((saga, index) => {
    const first = sagas.findIndex(({ name }) => name === saga.name);
    const taken = first === index ? [] : [{ path: "name", reason: `"${saga.name}" is taken by [${first}]` }];
    return [...taken, ...problemsOf(saga, neighbours)].map(({ path, reason }) => ({
      path: `[${index}].${path}`,
      reason,
    }));
  });
}

/** Of one saga; paths begin at its own. */
export function problemsOf(saga: SagaDefinition, neighbours: SagaNeighbours): ArgumentProblem[] {
  const { name, deadlineSeconds, steps } = saga;
  const ofChain = chainProblems(steps);
  return [
    ...labelProblems("name", name, "order"),
    ...wholeNumberProblems("deadlineSeconds", deadlineSeconds, 1, 2_592_000),
    ...steps.flatMap((step, index) => labelProblems(`steps[${index}].name`, step.name, "reserve-inventory")),
    ...ofChain,
    // What comes before and after a step is told by the chain.
    ...(ofChain.length > 0 ? [] : steps.flatMap((step, index) => compensationProblems(steps, step, `steps[${index}]`))),
    ...contractProblems(saga, neighbours),
    ...dataProblems(saga, neighbours.schemas),
  ];
}

function labelProblems(path: string, name: string, example: string): ArgumentProblem[] {
  return dnsLabel.test(name) ? [] : [{ path, reason: `"${name}" must be a DNS label such as "${example}"` }];
}

/** The steps that come after one, as far as the chain goes. */
function after(steps: readonly SagaStep[], step: SagaStep): SagaStep[] {
  const found: SagaStep[] = [];
  for (let next = follower(steps, step); next !== undefined && !found.includes(next); next = follower(steps, next)) {
    found.push(next);
  }
  return found;
}

const follower = (steps: readonly SagaStep[], { emits }: SagaStep) => steps.find(({ on }) => on === emits);

function compensationProblems(steps: readonly SagaStep[], step: SagaStep, path: string): ArgumentProblem[] {
  const { compensation, finality, finalityReason, fails = [] } = step;
  const later = after(steps, step);
  const failures = later.flatMap((other) => (other.fails ?? []).map((event) => ({ event, step: other })));
  if (compensation !== undefined) {
    const answered = failures.map(({ event }) => event);
    return [
      ...(finality === undefined ? [] : [{ path: `${path}.finality`, reason: "must not be beside a compensation" }]),
      ...(compensation.on.length === 0
        ? [{ path: `${path}.compensation.on`, reason: "must name one failure at least: nothing triggers it" }]
        : []),
      ...compensation.on.flatMap((event, index) =>
        answered.includes(event)
          ? []
          : [
              {
                path: `${path}.compensation.on[${index}]`,
                reason: `"${event}" is no failure of a later step, so nothing triggers it`,
              },
            ],
      ),
      ...failures
        .filter(({ event }) => !compensation.on.includes(event))
        .map(({ event, step: failing }) => ({
          path: `${path}.compensation.on`,
          reason: `must name "${event}": "${failing.name}" fails after this step is done`,
        })),
    ];
  }
  if (finality === undefined) {
    const reason = "is missing: what undoes it when a later step fails, or finality where nothing needs to";
    return [{ path: `${path}.compensation`, reason }];
  }
  const problems: ArgumentProblem[] = [];
  if ((finalityReason ?? "").trim() === "") {
    problems.push({ path: `${path}.finalityReason`, reason: "is missing: why it needs no compensation" });
  }
  const pivot = steps.find((other) => other.finality === Finality.Pivot);
  if (finality === Finality.Pivot && pivot !== step) {
    problems.push({ path: `${path}.finality`, reason: `must not be pivot: "${pivot?.name}" is it` });
  }
  if (finality === Finality.Retriable && (pivot === undefined || !after(steps, pivot).includes(step))) {
    problems.push({ path: `${path}.finality`, reason: "is retriable, which a step after the pivot alone can be" });
  }
  if (finality === Finality.Retriable && fails.length > 0) {
    problems.push({ path: `${path}.fails`, reason: "must be empty: a retriable step is tried until it succeeds" });
  }
  const notFinal = finality === Finality.Pivot ? later.filter((other) => other.finality !== Finality.Retriable) : [];
  return [
    ...problems,
    ...notFinal.map(({ name }) => ({
      path: `${path}.finality`,
      reason: `is pivot, so "${name}", which comes after it, must be retriable: there is no way back`,
    })),
  ];
}

/** Who must be there, and publish and consume what. */
function contractProblems(saga: SagaDefinition, { topics, services }: SagaNeighbours): ArgumentProblem[] {
  const problems: ArgumentProblem[] = [];
  const contractOf = (name: string) => services.find((service) => service.name === name);
  const known = (path: string, name: string) => {
    if (contractOf(name) === undefined) problems.push({ path, reason: `"${name}" is no service of this platform` });
  };
  const demand = (path: string, name: string, key: "publishes" | "consumes", type: string) => {
    if (!topics.some(({ events }) => events.some((event) => covers(event, type)))) {
      const reason = `"${type}" is carried by no topic`;
      if (!problems.some((other) => other.reason === reason)) problems.push({ path, reason });
      return;
    }
    const contract = contractOf(name);
    if (contract === undefined || contract[key].some((pattern) => covers(pattern, type))) return;
    problems.push({ path, reason: `needs "${type}" in ${key} of service "${name}"` });
  };
  known("service", saga.service);
  saga.steps.forEach(({ on, command, service, emits, fails = [], compensation }, index) => {
    const path = `steps[${index}]`;
    known(`${path}.service`, service);
    const isOwn = service === saga.service;
    if (command !== undefined) demand(`${path}.command.type`, saga.service, "publishes", command.type);
    const asked = command?.type ?? on;
    if (asked !== undefined && !isOwn) {
      demand(command === undefined ? `${path}.on` : `${path}.command.type`, service, "consumes", asked);
    }
    [emits, ...fails].forEach((type, position) => {
      const at = position === 0 ? `${path}.emits` : `${path}.fails[${position - 1}]`;
      demand(at, service, "publishes", type);
      demand(at, saga.service, "consumes", type);
    });
    if (compensation === undefined) return;
    demand(`${path}.compensation.type`, saga.service, "publishes", compensation.type);
    if (!isOwn) demand(`${path}.compensation.type`, service, "consumes", compensation.type);
  });
  return problems;
}
