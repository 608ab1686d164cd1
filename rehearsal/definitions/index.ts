import { join } from "node:path";
import type { Definition } from "../control-plane/custom-resource-definitions";
import { readManifests } from "../control-plane/manifests";

/** Folder of each operator whose own definitions no registry carries, with those that we wrote. */
export const ownDefinitions = {
  vitess: join(__dirname, "vitess-operator"),
  dragonfly: join(__dirname, "dragonfly-operator"),
};

interface OwnDefinition extends Definition {
  spec: Definition["spec"] & { names: { kind: string } };
}

export interface OwnKind {
  /** Pulumi's name for it. */
  type: string;
  kind: string;
  /** Operator and version whose published reference it was written from. */
  writtenFrom: string;
}

/** Kinds that the API server knows as we wrote them, not as their operators' authors did. */
export function ownKinds(): OwnKind[] {
  const definitions = Object.values(ownDefinitions).flatMap((folder) =>
    readManifests<OwnDefinition>(folder, "CustomResourceDefinition"),
  );
  return definitions.flatMap(({ metadata, spec: { group, names, versions } }) =>
    versions.map(({ name }) => ({
      type: `kubernetes:${group}/${name}:${names.kind}`,
      kind: names.kind,
      writtenFrom: metadata.annotations?.["rehearsal.omega.dev/written-from"] ?? "",
    })),
  );
}
