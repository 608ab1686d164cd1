import type { SagaDefinition } from "./saga-definition";

/** A saga as a Mermaid flowchart: events in boxes, who publishes one on the way to it, compensations by dashed lines. */
export function sagaDiagram({ service: coordinator, steps }: SagaDefinition): string {
  const events: string[] = [];
  const idOf = (event: string): string => {
    if (!events.includes(event)) events.push(event);
    return `e${events.indexOf(event)}`;
  };
  const arrows = steps.flatMap(({ on, command, service, emits, fails = [], compensation }) => {
    const asked = command?.type ?? on;
    return [
      ...(on === undefined || command === undefined ? [] : [`${idOf(on)} -->|${coordinator}| ${idOf(command.type)}`]),
      ...(asked === undefined
        ? [`begin((" ")) -->|${service}| ${idOf(emits)}`]
        : [emits, ...fails].map((event) => `${idOf(asked)} -->|${service}| ${idOf(event)}`)),
      ...(compensation?.on ?? []).map(
        (failure) => `${idOf(failure)} -.->|${coordinator}| ${idOf(compensation?.type ?? "")}`,
      ),
    ];
  });
  const boxes = events.map((event, index) => `e${index}["${event}"]`);
  return ["flowchart TB", ...[...boxes, ...arrows].map((line) => `  ${line}`), ""].join("\n");
}

/** The page about a platform's sagas. */
export function sagasPage(sagas: readonly SagaDefinition[]): string {
  const sections = sagas.map((saga) => {
    const rows = saga.steps.map(
      ({ name, service, on = "", command, emits, fails = [], compensation, finalityReason }) => {
        const undone = compensation === undefined ? `nothing: ${finalityReason ?? ""}` : compensation.type;
        return `| ${[name, on, command?.type ?? "", service, emits, fails.join(", "), undone].join(" | ")} |`;
      },
    );
    return [
      `## ${saga.name}`,
      "",
      `Coordinated by \`${saga.service}\`.`,
      "",
      "| step | answers | by the command | done by | emits | or fails with | undone by |",
      "| --- | --- | --- | --- | --- | --- | --- |",
      ...rows,
      "",
      "```mermaid",
      sagaDiagram(saga).trimEnd(),
      "```",
      "",
    ].join("\n");
  });
  const head = ["# Sagas", "", "Written from the configuration by `npm run sagas`: don't edit.", ""];
  return [...head, ...sections].join("\n");
}
