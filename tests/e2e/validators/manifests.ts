import { planned } from "../../stacks/planned";

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
  [field: string]: unknown;
}

/** What a stack asks of its API server, as the program says it; what is in a Helm release is its chart's. */
export async function manifestsOf(stack: string): Promise<Manifest[]> {
  const { resources } = await planned(stack);
  return resources
    .filter(({ type }) => type.startsWith("kubernetes:"))
    .flatMap(({ props }) => {
      const known = withoutUnknowns(props);
      return isManifest(known) ? known : [];
    });
}

/** With a name where only an update knows what stands there: all such values in objects of Kubernetes are texts. */
function withoutUnknowns(props: Record<string, unknown>): Record<string, unknown> {
  const text = JSON.stringify(props).replaceAll('{"__pulumiUnknown":true}', '"unknown.example.com"');
  return JSON.parse(text) as Record<string, unknown>;
}

function isManifest(props: Record<string, unknown>): props is Manifest {
  return typeof props.apiVersion === "string" && typeof props.kind === "string";
}

/** As one file for tools; JSON is YAML. */
export const stream = (manifests: Manifest[]): string =>
  manifests.map((manifest) => `---\n${JSON.stringify(manifest)}\n`).join("");

/** `Deployment shop/catalog` */
export const nameOf = ({ kind, metadata: { name, namespace } }: Manifest): string =>
  `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
