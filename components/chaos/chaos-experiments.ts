import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse, wholeNumberProblems } from "../arguments";
import { Bulkhead } from "../mesh/bulkheads";
import { AuthorizationPolicy } from "../mesh/istio";
import { MeshNamespace } from "../mesh/mesh-namespace";
import { chaosHeader } from "../mesh/routing";
import { toDns } from "../service/network-policy";
import { Schedule } from "./chaos-mesh";
import { type Experiment, experiments as allExperiments, hitsRequests } from "./experiment";
import { type ChaosLimits, limitsProblems } from "./limits";
import { type ChaosWindow, scheduleSpec, trafficLabels, workflowMinutes } from "./workflow";

/** A service that has opted in. */
export interface ChaosTarget {
  /** Name of the service, a DNS label of at most 29 characters. */
  service: string;
  /** Class of the service; critical is refused. */
  bulkhead: Bulkhead;
  /**
   * Service that the experiment's requests go to, and which passes their `x-omega-chaos` header on when it calls this one:
   * what it makes of the faults is the experiment. Default: this service itself, whose callers then meet no fault.
   */
  entry?: string;
  /** Port of the entry. Default 8080. */
  port?: number;
  /**
   * Path of a GET to the entry that changes nothing; with an entry, one on which it calls this service. Default, without one:
   * `/health/ready`.
   */
  path?: string;
}

export interface ChaosExperimentsArgs {
  /** Name of a namespace that is made for the experiments alone: what sends their requests runs there. */
  namespace: string;
  /** Namespace of the services; Chaos Mesh injects there only if it has the annotation `chaos-mesh.org/inject: enabled`. */
  targetNamespace: pulumi.Input<string>;
  /** One at least. */
  targets: ChaosTarget[];
  limits: ChaosLimits;
  window: ChaosWindow;
  /** Default: all. */
  experiments?: Experiment[];
  /** Minutes of each experiment on each service. Default 5, from 1 to 60. */
  experimentMinutes?: number;
  /** Where Chaos Mesh reaches Prometheus, e.g. `Operators.prometheusUrl`. */
  prometheusUrl: pulumi.Input<string>;
  /** Image of fortio, which sends the requests. Default `docker.io/fortio/fortio:1.75.3`. */
  image?: pulumi.Input<string>;
}

/**
 * Experiments on services that have opted in, one at a time, inside a window. None starts unless the steady state is
 * known to hold, so none without users' requests either; and all end as soon as it doesn't, or an alert pages. Removing the
 * component, which must depend on Chaos Mesh's release, stops what is running.
 */
export class ChaosExperiments extends pulumi.ComponentResource {
  constructor(name: string, args: ChaosExperimentsArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:ChaosExperiments", name, {}, options);
    refuse(`ChaosExperiments "${name}"`, chaosProblems(args));

    const { experiments = allExperiments, image = "docker.io/fortio/fortio:1.75.3" } = args;
    const targets = args.targets.map(({ service, entry = service, port = 8080, path = "/health/ready" }) => ({
      ...{ service, entry, port, path },
    }));
    const child = { parent: this };
    const { namespaceName } = new MeshNamespace(`${name}-namespace`, { name: args.namespace }, child);

    if (experiments.some(hitsRequests)) {
      const ports = [...new Set(targets.map(({ port }) => port))].map((port) => ({ port, protocol: "TCP" }));
      const entries = [...new Set(targets.map(({ entry }) => entry))];
      const services = { key: nameLabel, operator: "In", values: entries };
      new kubernetes.networking.v1.NetworkPolicy(
        `${name}-traffic-egress`,
        {
          metadata: { name: "chaos-traffic", namespace: namespaceName },
          spec: {
            podSelector: { matchLabels: trafficLabels },
            policyTypes: ["Egress"],
            egress: [
              toDns,
              { to: [inNamespace("istio-system")], ports: [{ port: 15012, protocol: "TCP" }] },
              { to: [{ ...inNamespace(args.targetNamespace), podSelector: { matchExpressions: [services] } }], ports },
            ],
          },
        },
        child,
      );
      new kubernetes.networking.v1.NetworkPolicy(
        `${name}-traffic-ingress`,
        {
          metadata: { name: "chaos-traffic", namespace: args.targetNamespace },
          spec: {
            podSelector: { matchExpressions: [services] },
            policyTypes: ["Ingress"],
            ingress: [
              { from: [{ ...inNamespace(namespaceName), podSelector: { matchLabels: trafficLabels } }], ports },
            ],
          },
        },
        child,
      );
      // A task's pod can't be given an account: the namespace's default one stands for the experiments, and nobody else.
      const principal = pulumi.interpolate`cluster.local/ns/${namespaceName}/sa/default`;
      for (const { service, entry, path } of targets) {
        new AuthorizationPolicy(
          `${name}-${service}-traffic`,
          {
            metadata: { name: `${service}-chaos-traffic`, namespace: args.targetNamespace },
            spec: {
              selector: { matchLabels: { [nameLabel]: entry } },
              rules: [
                {
                  from: [{ source: { principals: [principal] } }],
                  to: [{ operation: { methods: ["GET"], paths: [path] } }],
                  when: [{ key: `request.headers[${chaosHeader}]`, values: experiments.filter(hitsRequests) }],
                },
              ],
            },
          },
          child,
        );
      }
    }

    const spec = pulumi
      .all([args.targetNamespace, args.prometheusUrl, image])
      .apply(([targetNamespace, prometheusUrl, fortio]) =>
        scheduleSpec({
          targetNamespace,
          targets,
          experiments,
          experimentMinutes: args.experimentMinutes ?? defaultMinutes,
          limits: args.limits,
          window: args.window,
          prometheusUrl,
          image: fortio,
        }),
      );
    new Schedule(`${name}-schedule`, { metadata: { name: "experiments", namespace: namespaceName }, spec }, child);

    this.registerOutputs();
  }
}

const nameLabel = "app.kubernetes.io/name";
const defaultMinutes = 5;

const inNamespace = (name: pulumi.Input<string>) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
});

/** A DNS label; of the 63 characters that a workflow step's name may have, ours and Chaos Mesh's suffixes take 34. */
const shortLabel = /^[a-z]([a-z0-9-]{0,27}[a-z0-9])?$/;
/** It is what an AuthorizationPolicy allows, too: there a star or a brace would be a pattern, and a query never matches. */
const plainPath = /^\/[\w.~/-]*$/;
const windowStart = /^([0-5]?\d) ([01]?\d|2[0-3]) [\d*/,-]+ [\d*/,A-Za-z-]+ [\d*/,A-Za-z-]+$/;

/** Everything that is wrong with the arguments, in their order. */
export function chaosProblems(args: ChaosExperimentsArgs): ArgumentProblem[] {
  const { targets, window, experiments = allExperiments, experimentMinutes = defaultMinutes } = args;
  const problems: ArgumentProblem[] = [];
  const whole = (path: string, value: number | undefined, least: number, most: number) => {
    problems.push(...wholeNumberProblems(path, value, least, most));
  };
  if (targets.length === 0) problems.push({ path: "targets", reason: "must name one service at least" });
  targets.forEach(({ service, bulkhead, entry = service, port, path }, index) => {
    const at = `targets[${index}]`;
    for (const [key, value] of Object.entries({ service, entry })) {
      if (!shortLabel.test(value) && !(key === "entry" && value === service)) {
        const reason = `"${value}" must be a DNS label of at most 29 characters, such as "catalog"`;
        problems.push({ path: `${at}.${key}`, reason });
      }
    }
    if (targets.findIndex((other) => other.service === service) < index) {
      problems.push({ path: `${at}.service`, reason: `"${service}" is there already` });
    }
    if (bulkhead === Bulkhead.Critical) {
      problems.push({ path: `${at}.bulkhead`, reason: `"${service}" is critical: experiments never touch it` });
    }
    whole(`${at}.port`, port, 1, 65535);
    if (entry !== service && (path === undefined || path.startsWith("/health"))) {
      const reason = `must be one on which "${entry}" calls "${service}": health checks ask no dependency`;
      problems.push({ path: `${at}.path`, reason });
    }
    if (path !== undefined && !plainPath.test(path)) {
      const reason = `"${path}" must be a path without a query or a wildcard, such as "/products"`;
      problems.push({ path: `${at}.path`, reason });
    }
  });
  problems.push(...limitsProblems(args.limits));
  if (!windowStart.test(window.cron)) {
    const reason = `"${window.cron}" must be five fields of cron with one minute and one hour, e.g. "0 10 * * 2-4"`;
    problems.push({ path: "window.cron", reason });
  }
  whole("window.minutes", window.minutes, 1, 480);
  if (experiments.length === 0 || new Set(experiments).size < experiments.length) {
    problems.push({ path: "experiments", reason: "must name one at least, and none twice" });
  }
  whole("experimentMinutes", experimentMinutes, 1, 60);
  const runs = targets.length * experiments.length;
  const needed = workflowMinutes(runs, experimentMinutes);
  if (needed > window.minutes) {
    problems.push({
      path: "window.minutes",
      reason: `is ${window.minutes}, must be at least ${needed} for ${runs} experiments of ${experimentMinutes} minutes`,
    });
  }
  return problems;
}
