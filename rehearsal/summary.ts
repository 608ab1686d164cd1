import { ownKinds } from "./definitions";
import { counted } from "./engine/plan-report";
import type { Session } from "./engine/session";
import type { Environment } from "./environment";
import { chartName } from "./providers/kubernetes/charts";

interface ExportedResource {
  type: string;
  custom: boolean;
  inputs?: { chart?: string; metadata?: { name: string; namespace: string } };
}

/** The end of `make up`: what runs, what is simulated, and what to try next. */
export async function summary({ stack }: Session, { cluster, hasSimulatedNodes }: Environment): Promise<string> {
  const { deployment } = (await stack.exportStack()) as { deployment: { resources?: ExportedResource[] } };
  const resources = (deployment.resources ?? []).filter(({ custom, type }) => custom && !type.startsWith("pulumi:"));
  const count = (prefix: string) => resources.filter(({ type }) => type.startsWith(prefix)).length;
  const charts = resources.flatMap(({ type, inputs }) =>
    type.endsWith(":Release") ? [chartName(inputs?.chart ?? "")] : [],
  );
  const inCluster = count("kubernetes:") - charts.length;
  const simulated = [
    ...(inCluster > 0 && hasSimulatedNodes
      ? [
          "containers, and with them probes, metrics and traffic: no image was pulled",
          "load balancers' addresses, volumes, and what operators would answer: ready certificates, programmed gateways",
        ]
      : []),
    ...(charts.length > 0
      ? [`what the charts ${charts.join(", ")} contain, except their CRDs: a release is recorded`]
      : []),
    ...ownKinds()
      .filter(({ type }) => hasSimulatedNodes && count(type) > 0)
      .map(({ kind, writtenFrom }) => `what a ${kind} may be: ours, written from the reference of ${writtenFrom}`),
    ...(count("aws:") > 0 ? [`AWS: ${counted(count("aws:"), "resource")}`] : []),
    ...(count("cloudflare:") > 0 ? [`Cloudflare: ${counted(count("cloudflare:"), "resource")}`] : []),
  ];
  const real = [
    `the Pulumi engine, its state and the policy pack: ${counted(resources.length, "resource")} of stack ${stack.name}`,
    ...(inCluster > 0 ? [`Kubernetes (${cluster}): ${inCluster} objects, validated and stored`] : []),
  ];
  const autoscaler = resources.find(({ type }) => type.endsWith(":HorizontalPodAutoscaler"))?.inputs?.metadata;
  const next =
    autoscaler !== undefined
      ? [
          `make kubectl STACK=${stack.name} ARGS="get deploy,hpa,pdb,netpol,destinationrule -A"`,
          `make kubectl STACK=${stack.name} ARGS="-n ${autoscaler.namespace} patch hpa ${autoscaler.name} --type merge -p '{\\"spec\\":{\\"maxReplicas\\":50}}'", then make refresh STACK=${stack.name} and make up STACK=${stack.name}: drift, found and undone`,
          `set replicas.min of a service to 1 and run make up STACK=${stack.name}: refused, with the path and the reason`,
        ]
      : [
          "make plan STACK=prod-us-east: a production region, read before anyone pays",
          "make preview STACK=prod-us-east: the same through the engine, its cluster not yet there",
          `make down STACK=${stack.name}`,
        ];
  const list = (title: string, lines: string[]) => [title, ...lines.map((line) => `  - ${line}`)];
  return ["", ...list("Real:", real), ...list("Simulated:", simulated), ...list("Next:", next)].join("\n");
}
