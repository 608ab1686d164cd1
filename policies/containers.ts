import { saysWhy } from "./kubernetes";
import { metadata } from "./metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { type Container, containersOf, type Pod, podOf } from "./pods";
import { at, isMissing, list, unknown, type Value } from "./values";

/** One field of a securityContext, and what it must be. */
interface Demand {
  field: string;
  /** Part of the field that is judged, where the field is an object that is inherited as a whole. */
  part?: string;
  wanted: string;
  fits: (value: Value) => boolean;
  /** Whether the container has it from its pod where it sets none. */
  isInherited?: true;
  /** Whether a pod that says why it is root need not have it. */
  isAboutRoot?: true;
}

const demands: readonly Demand[] = [
  { field: "allowPrivilegeEscalation", wanted: "false", fits: (value) => value === false },
  { field: "readOnlyRootFilesystem", wanted: "true", fits: (value) => value === true },
  { field: "privileged", wanted: "false", fits: (value) => value !== true },
  {
    field: "capabilities.drop",
    wanted: "[ALL]",
    fits: (value) => list(value).some((name) => name === "ALL" || name === unknown),
  },
  {
    field: "capabilities.add",
    wanted: "[NET_BIND_SERVICE] at most",
    fits: (value) => list(value).every((name) => name === "NET_BIND_SERVICE" || name === unknown),
  },
  {
    field: "runAsNonRoot",
    wanted: "true",
    fits: (value) => value === true,
    isInherited: true,
    isAboutRoot: true,
  },
  { field: "runAsUser", wanted: "above 0", fits: (value) => value !== 0, isInherited: true, isAboutRoot: true },
  {
    field: "seccompProfile",
    part: "type",
    wanted: "RuntimeDefault or Localhost",
    fits: (value) => value === "RuntimeDefault" || value === "Localhost",
    isInherited: true,
  },
];

export const hardenedContainers = definePolicy<object>({
  metadata: metadata.hardenedContainers,
  settings: {},
  resource: (resource) => {
    const pod = podOf(resource);
    const system = at(pod?.spec, "os", "name");
    // Windows knows none of these fields.
    if (pod === undefined || system === unknown || system === "windows") return [];
    // A pod may have to be root, e.g. to read its node's files. Whatever else is demanded still holds.
    const isPlain = saysWhy(at(pod.metadata, "annotations"), "runs-as-root") === false;
    const asked = demands.filter(({ isAboutRoot }) => isPlain || !isAboutRoot);
    return containersOf(pod).flatMap((container) =>
      asked.flatMap((demand) => checkDemand(resource, pod, container, demand)),
    );
  },
});

function checkDemand(
  resource: Resource,
  pod: Pod,
  { container, path, isInjected }: Container,
  demand: Demand,
): Finding[] {
  const { field, part, wanted, fits, isInherited = false } = demand;
  const steps = field.split(".");
  const own = at(container, "securityContext", ...steps);
  const shared = isInherited ? at(pod.spec, "securityContext", ...steps) : undefined;
  const isOwn = !isMissing(own) || isMissing(shared);
  const whole = isOwn ? own : shared;
  const value = part === undefined ? whole : at(whole, part);
  const isFilledIn = isMissing(value) && isInjected !== false;
  if (value === unknown || isFilledIn || fits(value)) return [];
  const place = [isOwn ? path : pod.path, "securityContext", field, part].filter(Boolean).join(".");
  const shown = Array.isArray(value) ? `[${value.map(String).join()}]` : String(value ?? "not set");
  return [{ resource, path: place, reason: `is ${shown}, must be ${wanted}` }];
}

interface ImageConfig {
  requireDigest: boolean;
}

export const pinnedImages = definePolicy<ImageConfig>({
  metadata: metadata.pinnedImages,
  settings: {
    requireDigest: { type: "boolean", default: false, description: "Whether an image must be named by its digest." },
  },
  resource: (resource, { requireDigest }) => {
    const pod = podOf(resource);
    const containers = pod === undefined ? [] : containersOf(pod);
    return containers.flatMap(({ container, path, isInjected }): Finding[] => {
      const problem = isInjected === false ? problemOfImage(at(container, "image"), requireDigest) : undefined;
      return problem ? [{ resource, path: `${path}.image`, reason: problem }] : [];
    });
  },
});

/** `registry:5000/team/name:tag@sha256:…`: a tag comes after the last slash, or the colon is a port's. */
function problemOfImage(image: Value, requireDigest: boolean): string | undefined {
  if (image === unknown) return undefined;
  if (typeof image !== "string" || image === "") return "is not set";
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return undefined;
  if (requireDigest) return `is ${image}, which names no digest`;
  const tag = /:([^:/]+)$/.exec(image.replace(/@.*/, ""))?.[1];
  if (tag === undefined) return `is ${image}, which names no tag, so it is whatever "latest" is`;
  return tag === "latest" ? `is ${image}, whose content changes` : undefined;
}
