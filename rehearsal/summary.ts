import type { Session } from "./engine/session";

interface ExportedResource {
  type: string;
  custom: boolean;
  inputs?: { chart?: string };
}

/** The end of `make up`: what runs, what is simulated, and what to try next. */
export async function summary({ stack }: Session, cluster: string, stackName: string): Promise<string> {
  const { deployment } = (await stack.exportStack()) as { deployment: { resources?: ExportedResource[] } };
  const resources = (deployment.resources ?? []).filter(({ custom, type }) => custom && !type.startsWith("pulumi:"));
  const count = (prefix: string) => resources.filter(({ type }) => type.startsWith(prefix)).length;
  const charts = resources.flatMap(({ type, inputs }) => (type.endsWith(":Release") ? [inputs?.chart ?? ""] : []));
  const inCluster = count("kubernetes:") - charts.length;
  const simulated = [
    ...(inCluster > 0 ? ["containers, and with them probes, metrics and traffic: no image was pulled"] : []),
    ...(charts.length > 0 ? [`what the charts ${charts.join(", ")} contain, except their CRDs`] : []),
    ...(count("aws:") > 0 ? [`AWS: ${count("aws:")} resources`] : []),
    ...(count("cloudflare:") > 0 ? [`Cloudflare: ${count("cloudflare:")} resources`] : []),
  ];
  const real = [
    `the Pulumi engine, its state and the policy pack: ${resources.length} resources of stack ${stackName}`,
    ...(inCluster > 0 ? [`Kubernetes (${cluster}): ${inCluster} objects, validated and stored`] : []),
  ];
  const next = [
    `make kubectl ARGS="get deploy,hpa,pdb,netpol,destinationrule -A"`,
    `make kubectl ARGS="-n shop patch hpa catalog --type merge -p '{\\"spec\\":{\\"maxReplicas\\":50}}'", then make refresh and make up: drift, found and undone`,
    `set replicas.min to 1 in Pulumi.${stackName}.yaml and run make up: refused, with the path and the reason`,
  ];
  const list = (title: string, lines: string[]) => [title, ...lines.map((line) => `  - ${line}`)];
  return ["", ...list("Real:", real), ...list("Simulated:", simulated), ...list("Next:", next)].join("\n");
}
