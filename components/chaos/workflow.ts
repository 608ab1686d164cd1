import { chaosHeader } from "../mesh/routing";
import { restricted, restrictedPod } from "../service/pod";
import type { ScheduleSpec, StatusCheck, StressChaos, WorkflowSpec, WorkflowTemplate } from "./chaos-mesh";
import { type Experiment, hitsRequests } from "./experiment";
import { assertionPath, type ChaosLimits, steadyState } from "./limits";

/** A service that takes part in experiments. */
export interface TrafficTarget {
  service: string;
  /** Service that the requests go to. */
  entry: string;
  /** Port of the entry. */
  port: number;
  /** Path of a request to it that changes nothing. */
  path: string;
}

export interface ChaosWindow {
  /** When it opens, in UTC, as five fields of cron with one minute and one hour, e.g. `0 10 * * 2-4`. */
  cron: string;
  /** Minutes that it stays open; all experiments run one after the other within them. From 1 to 480. */
  minutes: number;
}

export interface WorkflowArgs {
  targetNamespace: string;
  targets: TrafficTarget[];
  experiments: readonly Experiment[];
  experimentMinutes: number;
  limits: ChaosLimits;
  window: ChaosWindow;
  prometheusUrl: string;
  /** Image of fortio, which sends the requests. */
  image: string;
}

/** Label of the pods that send an experiment's requests. */
export const trafficLabels = { "app.kubernetes.io/name": "chaos-traffic" };

/**
 * How long one pod sends requests. Chaos Mesh leaves the pod of an aborted task running, so traffic comes in short
 * bursts, one pod after the other: after an abort none follows.
 */
const burstSeconds = 10;
/** Seconds in which a burst's pod must have started and ended before the next one is tried. */
const burstDeadlineSeconds = 60;
/** Minutes that the status check before an experiment is given; it takes 15 s. */
const gateMinutes = 1;
/**
 * What each experiment begins with, under its watch. A check that fails ends its own step at once and the workflow a moment
 * later: whatever came right after a failed gate would be started in between.
 */
const pause: WorkflowTemplate = { name: "pause", templateType: "Suspend", deadline: "10s" };

/** Minutes that a workflow needs at most. */
export function workflowMinutes(experiments: number, experimentMinutes: number): number {
  return experiments * (experimentMinutes + gateMinutes);
}

/** Starts the workflow when the window opens, never a second beside it, and not later because a controller was away. */
export function scheduleSpec(args: WorkflowArgs): ScheduleSpec {
  return {
    type: "Workflow",
    schedule: `CRON_TZ=UTC ${args.window.cron}`,
    concurrencyPolicy: "Forbid",
    historyLimit: 1,
    startingDeadlineSeconds: 60,
    workflow: workflowSpec(args),
  };
}

/**
 * One experiment on one service at a time. Each is let in by a check of the steady state, and runs beside one of the same:
 * the first answer that isn't good aborts the whole workflow, before anything is injected or while it is.
 */
export function workflowSpec(args: WorkflowArgs): WorkflowSpec {
  const steps = args.targets.flatMap((target) =>
    args.experiments.map((experiment) => stepTemplates(args, target, experiment)),
  );
  return {
    entry: "experiments",
    templates: [
      {
        name: "experiments",
        templateType: "Serial",
        deadline: `${args.window.minutes}m`,
        children: steps.flatMap(({ children }) => children),
      },
      pause,
      ...steps.flatMap(({ templates }) => templates),
    ],
  };
}

interface Step {
  /** Names of the templates that run one after the other. */
  children: string[];
  templates: WorkflowTemplate[];
}

function stepTemplates(args: WorkflowArgs, target: TrafficTarget, experiment: Experiment): Step {
  const prefix = `${target.service}-${experiment}`;
  const injection = hitsRequests(experiment)
    ? burstTemplate(`${prefix}-burst`, args, target, experiment)
    : pressureTemplate(`${prefix}-stress`, args, target);
  const times = hitsRequests(experiment) ? (args.experimentMinutes * 60) / burstSeconds : 1;
  const state = steadyState({ namespace: args.targetNamespace, service: target.service, limits: args.limits });
  const http = { url: `${args.prometheusUrl}${assertionPath(state)}`, criteria: { statusCode: "200" } };
  const check = (name: string, statusCheck: Omit<StatusCheck, "type" | "http">): WorkflowTemplate => ({
    name,
    templateType: "StatusCheck",
    abortWithStatusCheck: true,
    statusCheck: { type: "HTTP", http, ...statusCheck },
  });
  return {
    children: [`${prefix}-gate`, `${prefix}-guarded`],
    templates: [
      check(`${prefix}-gate`, {
        mode: "Synchronous",
        intervalSeconds: 5,
        timeoutSeconds: 2,
        successThreshold: 3,
        failureThreshold: 1,
      }),
      {
        name: `${prefix}-guarded`,
        templateType: "Parallel",
        deadline: `${args.experimentMinutes}m`,
        children: [`${prefix}-watch`, `${prefix}-injection`],
      },
      check(`${prefix}-watch`, { mode: "Continuous", intervalSeconds: 2, timeoutSeconds: 2, failureThreshold: 1 }),
      {
        name: `${prefix}-injection`,
        templateType: "Serial",
        children: [pause.name, ...Array.from({ length: times }, () => injection.name)],
      },
      injection,
    ],
  };
}

function burstTemplate(
  name: string,
  { targetNamespace, image }: WorkflowArgs,
  { entry, port, path }: TrafficTarget,
  experiment: Experiment,
): WorkflowTemplate {
  const url = `http://${entry}.${targetNamespace}.svc.cluster.local:${port}${path}`;
  // Enough requests for a thousandth to show: one in 20 s.
  const load = ["-quiet", "-allow-initial-errors", "-t", `${burstSeconds}s`, "-qps", "50", "-c", "4"];
  return {
    name,
    templateType: "Task",
    deadline: `${burstDeadlineSeconds}s`,
    task: {
      labels: trafficLabels,
      container: {
        name: "load",
        image,
        args: ["load", ...load, "-H", `${chaosHeader}: ${experiment}`, url],
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "64Mi" } },
        securityContext: { ...restrictedPod, ...restricted },
      },
    },
  };
}

/** The architecture's share, 1 % of the pods; Chaos Mesh rounds up, so that it is one pod of up to a hundred. */
function pressureTemplate(name: string, args: WorkflowArgs, { service }: TrafficTarget): WorkflowTemplate {
  const stressChaos: StressChaos = {
    mode: "fixed-percent",
    value: "1",
    selector: { namespaces: [args.targetNamespace], labelSelectors: { "app.kubernetes.io/name": service } },
    containerNames: [service],
    // Of the smallest size's 256 MiB a tenth, for the autoscaler lets 80 % be used: pressure, not a kill by the kernel.
    stressors: { cpu: { workers: 1, load: 80 }, memory: { workers: 1, size: "24MB" } },
  };
  return { name, templateType: "StressChaos", stressChaos };
}
