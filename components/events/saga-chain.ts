import type { ArgumentProblem } from "../arguments";
import type { SagaStep } from "./saga-definition";

/** Whether the steps are one chain: it has a beginning, each step answers another one, and no event leads back to itself. */
export function chainProblems(steps: readonly SagaStep[]): ArgumentProblem[] {
  const problems: ArgumentProblem[] = [];
  const report = (path: string, reason: string) => problems.push({ path, reason });
  if (steps.length < 2) report("steps", "must be two at least: one alone has nothing that could undo it");
  const beginnings = steps.filter(({ on }) => on === undefined);
  if (beginnings.length !== 1 && steps.length > 0) {
    report("steps", `${beginnings.length} of them answer no event, and exactly one must: it begins the saga`);
  }
  steps.forEach(({ name, on, command, emits, fails = [] }, index) => {
    const earlier = steps.slice(0, index);
    const at = `steps[${index}]`;
    const taken = (path: string, isTaken: (step: SagaStep) => boolean, text: string) => {
      const first = earlier.findIndex(isTaken);
      if (first !== -1) report(`${at}.${path}`, `"${text}" is that of steps[${first}]`);
    };
    taken("name", (step) => step.name === name, name);
    taken("emits", (step) => step.emits === emits || step.fails?.includes(emits) === true, emits);
    fails.forEach((event, position) => {
      if (event === emits) report(`${at}.fails[${position}]`, `"${event}" also says that the step is done`);
      taken(`fails[${position}]`, (step) => step.emits === event, event);
    });
    if (on === undefined) {
      if (command !== undefined) report(`${at}.command`, "answers no event: the step has none in on");
      return;
    }
    if (!steps.some((step) => step.emits === on)) report(`${at}.on`, `"${on}" is emitted by no step of this saga`);
    taken("on", (step) => step.on === on, on);
  });
  return [...problems, ...cycleProblems(steps)];
}

/** Which events lead to which, by the steps and by what undoes them. */
function consequences(steps: readonly SagaStep[]): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  const leads = (from: string, to: string) => edges.set(from, (edges.get(from) ?? new Set()).add(to));
  for (const { on, command, emits, fails = [], compensation } of steps) {
    if (on !== undefined && command !== undefined) leads(on, command.type);
    for (const event of on === undefined ? [] : [emits, ...fails]) leads(command?.type ?? on ?? "", event);
    for (const failure of compensation?.on ?? []) leads(failure, compensation?.type ?? "");
  }
  return edges;
}

/** Each cycle once, at the first step that is in it. */
function cycleProblems(steps: readonly SagaStep[]): ArgumentProblem[] {
  const edges = consequences(steps);
  const reported = new Set<string>();
  return steps.flatMap(({ on, command, compensation }, index) =>
    [on, command?.type, compensation?.type].flatMap((event) => {
      const cycle = event === undefined ? undefined : wayBack(event, edges);
      if (cycle === undefined || cycle.some((each) => reported.has(each))) return [];
      cycle.forEach((each) => reported.add(each));
      return [{ path: `steps[${index}]`, reason: `goes in a circle: ${[...cycle, event].join(" → ")}` }];
    }),
  );
}

/** The events from one back to itself. */
function wayBack(event: string, edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const open = [[event]];
  const seen = new Set<string>();
  for (let way = open.shift(); way !== undefined; way = open.shift()) {
    for (const next of edges.get(way.at(-1) ?? "") ?? []) {
      if (next === event) return way;
      if (!seen.has(next)) open.push([...way, next]);
      seen.add(next);
    }
  }
  return undefined;
}
