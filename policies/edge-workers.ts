import { type Demands, isMissingOr, isNotFalse, isNotTrue, isSet, isTrue, judge, described } from "./demands";
import { edge } from "./edge";
import { edgeMetadata } from "./edge-metadata";
import { ofKind } from "./kubernetes";
import { definePolicy, type Finding, type Resource } from "./policy";
import { at, equal, every, isRecord, list, not, numberOf, some, unknown, type Answer, type Value } from "./values";

interface WorkerConfig {
  maxCpuMilliseconds: number;
  minCompatibilityDate: string;
}

export const boundedWorkers = definePolicy<WorkerConfig>({
  metadata: edgeMetadata.boundedWorkers,
  settings: {
    maxCpuMilliseconds: {
      type: "integer",
      minimum: 1,
      default: 50,
      description: "The most milliseconds of CPU that one request may take.",
    },
    minCompatibilityDate: {
      type: "string",
      format: "date",
      // From that day on a Worker's own cache settings go before the zone's rules, as they do for new Workers.
      default: "2025-04-02",
      description: "The oldest behaviour of the runtime that a Worker may ask for.",
    },
  },
  resource: (resource, { maxCpuMilliseconds, minCompatibilityDate }) =>
    ofKind([resource], edge.version, edge.script).flatMap((worker): Finding[] => {
      const date: Value = at(worker.props, "compatibilityDate");
      const limit: Value = at(worker.props, "limits", "cpuMs");
      const milliseconds = numberOf(limit);
      const isBounded = typeof milliseconds === "number" && milliseconds <= maxCpuMilliseconds;
      const isOld = date !== unknown && !(typeof date === "string" && date >= minCompatibilityDate);
      const bound = `${described(limit)}, must be at most ${maxCpuMilliseconds}: a loop is paid for to its end`;
      const age = `${described(date)}, must be ${minCompatibilityDate} or later`;
      return [
        ...(limit === unknown || isBounded ? [] : [{ resource: worker, path: "limits.cpuMs", reason: bound }]),
        ...(isOld ? [{ resource: worker, path: "compatibilityDate", reason: age }] : []),
      ];
    }),
});

export const durableClasses = definePolicy<object>({
  metadata: edgeMetadata.durableClasses,
  settings: {},
  stack: (resources) =>
    ofKind(resources, edge.version, edge.script).flatMap((worker) =>
      list(at(worker.props, "bindings")).flatMap((binding, index): Finding[] => {
        const className = at(binding, "className");
        const isUnmade = every([isOwnClass(binding, worker), not(isMade(className, worker, resources))]) === true;
        const reason = `${described(className)}, which no migration of its Worker makes`;
        return isUnmade ? [{ resource: worker, path: `bindings[${index}].className`, reason }] : [];
      }),
    ),
});

/** Not of another Worker, which makes the class itself. */
function isOwnClass(binding: Value, worker: Resource): Answer {
  const script = at(binding, "scriptName");
  return every([
    equal(at(binding, "type"), "durable_object_namespace"),
    script === unknown ? unknown : !isSet(script) || equal(script, workerOf(worker)),
  ]);
}

function workerOf({ props }: Resource): Value {
  return at(props, "workerId") ?? at(props, "scriptName") ?? unknown;
}

/** By any version of the Worker: a migration is done once. */
function isMade(className: Value, worker: Resource, resources: readonly Resource[]): Answer {
  return some(
    ofKind(resources, edge.version, edge.script).map((other) =>
      every([
        other === worker || equal(workerOf(other), workerOf(worker)),
        some(madeBy(other).map((made) => equal(made, className))),
      ]),
    ),
  );
}

/** Names of the classes that a version makes, unknown where one isn't known. */
function madeBy({ props }: Resource): Value[] {
  const migrations = at(props, "migrations");
  const exported = at(props, "exports");
  const steps: Value[] = [migrations, ...known(at(migrations, "steps"))];
  const names = isRecord(exported) ? Object.keys(exported) : known(exported);
  return [
    ...steps.flatMap((step): Value[] => [
      ...known(at(step, "newClasses")),
      ...known(at(step, "newSqliteClasses")),
      ...known(at(step, "renamedClasses")).map((renamed) => at(renamed, "to")),
      ...known(at(step, "transferredClasses")).map((transferred) => at(transferred, "to")),
    ]),
    ...names.filter((name) => equal(at(exported, String(name), "type"), "durable-object") !== false),
  ];
}

/** A list's elements, one unknown for a list that isn't known. */
function known(value: Value): Value[] {
  return value === unknown ? [unknown] : list(value);
}

export const observedEdge = definePolicy<object>({
  metadata: edgeMetadata.observedEdge,
  settings: {},
  resource: (resource) => judge(resource, observed),
  stack: (resources) => {
    const isPushed = ofKind(resources, edge.logs).some(
      ({ props }) => at(props, "dataset") === "workers_trace_events" && isTrue(at(props, "enabled")),
    );
    return isPushed ? ofKind(resources, edge.worker, edge.script).flatMap((worker) => judge(worker, pushed)) : [];
  },
});

const silent = "so nobody learns what fails, and for whom";
const isSampled = isMissingOr((value) => Number(value) > 0);

const watched: Demands[string] = [
  ["observability.enabled", isTrue, silent],
  ["observability.headSamplingRate", isSampled, silent],
  ["observability.logs.enabled", isNotFalse, silent],
  ["observability.logs.headSamplingRate", isSampled, silent],
];

const observed: Demands = {
  [edge.worker]: watched,
  [edge.script]: watched,
  [edge.logs]: [["enabled", isTrue, "so it pushes nothing"]],
};

const unread: Demands[string] = [["logpush", isTrue, "so the job that pushes Workers' logs gets none of it"]];
const pushed: Demands = { [edge.worker]: unread, [edge.script]: unread };

export const gradualRollouts = definePolicy<object>({
  metadata: edgeMetadata.gradualRollouts,
  settings: {},
  resource: (resource) => [...judge(resource, rollouts), ...ofKind([resource], edge.deployment).flatMap(checkShares)],
});

const rollouts: Demands = {
  [edge.version]: [["deploy", isNotTrue, "so it takes all requests at once, past every deployment"]],
  [edge.deployment]: [
    ["force", isNotTrue, "so it is deployed even where its secrets or migrations don't fit"],
    ["versions[].percentage", (value) => Number(value) > 0 && Number(value) <= 100, "must be above 0 and at most 100"],
  ],
};

/** One or two versions: https://developers.cloudflare.com/workers/versions-and-deployments/ */
const maxVersions = 2;

function checkShares(resource: Resource): Finding[] {
  const versions = at(resource.props, "versions");
  if (versions === unknown) return [];
  const ids = list(versions).map((version) => at(version, "versionId"));
  const shares = list(versions).map((version) => numberOf(at(version, "percentage")));
  const sum = shares.reduce<number>((total, share) => total + (typeof share === "number" ? share : 0), 0);
  const isOff = !shares.includes(unknown) && sum !== 100;
  const isTwice = ids.some((id, index) => id !== unknown && ids.indexOf(id) !== index);
  return [
    ...(isOff ? [`has shares of ${sum} percent together, must have 100`] : []),
    ...(shares.length > maxVersions ? [`has ${shares.length} versions, must have at most ${maxVersions}`] : []),
    ...(isTwice ? ["names a version twice, so there is none to go back to"] : []),
  ].map((reason) => ({ resource, path: "versions", reason }));
}
