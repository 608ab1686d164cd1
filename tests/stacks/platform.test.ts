import { readStackFile } from "../../rehearsal/engine/stack-file";
import { projectRoot } from "../../rehearsal/paths";
import { planned } from "./planned";

/** A URN that changes is a resource that is replaced, with its data: the list may only grow without an alias. */
test.each(["dev", "prod", "prod-us-east", "saas-dev"])("the resources of %s, and what they ask for", async (stack) => {
  const { resources, outputs } = await planned(stack);
  expect(resources.map(({ urn }) => urn).sort()).toMatchSnapshot("URNs");
  const byUrn = resources.map(({ urn, props }) => [urn.split("::").slice(2).join("::"), props] as const).sort();
  expect(withoutBundle(Object.fromEntries(byUrn))).toMatchSnapshot("inputs");
  expect(outputs).toMatchSnapshot("outputs");
});

/** The Worker's bundle and its digest change with each of its lines. */
function withoutBundle(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutBundle);
  if (typeof value === "string") return value.replace(/^\{"version":"[0-9a-f]{16}"/, '{"version":"<digest>"');
  if (typeof value !== "object" || value === null || "__pulumiUnknown" in value) return value;
  const entries = Object.entries(value).map(
    ([key, item]) => [key, key === "contentBase64" ? "<the bundle>" : withoutBundle(item)] as const,
  );
  return Object.fromEntries(entries);
}

/** With anything in the place of what a preview can't know. */
function whatever(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(whatever);
  if (typeof value !== "object" || value === null) return value;
  if ("__pulumiUnknown" in value) return expect.anything();
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, whatever(item)]));
}

test("an update asks for what its preview said", async () => {
  const [preview, update] = [await planned("dev"), await planned("dev", {}, false)];
  const byUrn = ({ resources }: typeof preview) => new Map(resources.map((resource) => [resource.urn, resource]));
  expect(byUrn(update)).toEqual(new Map([...byUrn(preview)].map(([urn, resource]) => [urn, whatever(resource)])));
});

test("a service is a few lines of configuration", async () => {
  const services = readStackFile(projectRoot, "dev").config["omega:services"] as object[];
  const wishes = {
    ...services[0],
    name: "wishes",
    owns: ["wishes"],
    routes: [],
    dependencies: [{ service: "catalog" }],
    publishes: [],
    consumes: ["product.*"],
    replicas: { min: 2, max: 4 },
    database: { keyspace: "shop", connectionsPerReplica: 3 },
  };
  const { resources: before } = await planned("dev");
  const { resources: after } = await planned("dev", { "omega:services": [...services, wishes] });
  const added = after.filter(({ urn }) => !before.some((resource) => resource.urn === urn));
  expect(added.map(({ type }) => type.split(":").at(-1)).sort()).toEqual([
    "AgenticService",
    "AuthorizationPolicy",
    "Deployment",
    "DestinationRule",
    "DestinationRule",
    "DestinationRule",
    "DestinationRule",
    "DestinationRule",
    "DestinationRule",
    "EventClient",
    "EventSubscription",
    "HorizontalPodAutoscaler",
    "KafkaTopic",
    "KafkaTopic",
    "KafkaTopic",
    "KafkaUser",
    "NetworkPolicy",
    "PodDisruptionBudget",
    "RandomPassword",
    "Secret",
    "Service",
    "ServiceAccount",
    "ServiceTraffic",
    "Sidecar",
    "StrimziClient",
    "TcpBoundary",
    "TcpBoundary",
    "TcpBoundary",
    "TcpBoundary",
    "TcpBoundary",
    "VirtualService",
  ]);
  const policy = after.find(({ name }) => name === "catalog-from-wishes")?.props;
  expect(JSON.stringify(policy)).toContain("cluster.local/ns/shop/sa/wishes");
});

test("a wrong configuration throws every error at once", async () => {
  const wrong = planned("dev", {
    "omega:scope": "galaxy",
    "omega:unknown": 1,
    "omega:services": [{ name: "catalog" }],
  });
  await expect(wrong).rejects.toThrow(/scope: .*\n.*services\[0\]\.version: is missing.*unknown: is not known here/s);
});

test("inherited sections come from the other stack's file", async () => {
  await expect(planned("prod-us-east", { "omega:inherits": "nowhere" })).rejects.toThrow(
    "inherits: Pulumi.nowhere.yaml does not exist",
  );
});

test("without EKS a region needs no cloud", async () => {
  const { resources } = await planned("dev");
  expect(resources.filter(({ type }) => type.startsWith("aws:"))).toEqual([]);
});

test("the kill switch takes away all that experiments need", async () => {
  const chaos = readStackFile(projectRoot, "dev").config["omega:chaos"] as object;
  const found = async (enabled: boolean) => {
    const { resources } = await planned("dev", { "omega:chaos": { ...chaos, enabled } });
    const containing = (kind: string, text: string) =>
      resources
        .filter(({ props }) => props.kind === kind && JSON.stringify(props).includes(text))
        .map(({ name }) => name);
    return {
      schedules: containing("Schedule", "chaos-mesh.org/"),
      faults: containing("VirtualService", '"fault":'),
      optedIn: containing("Namespace", "chaos-mesh.org/inject"),
      callers: containing("AuthorizationPolicy", "x-omega-chaos"),
    };
  };
  expect(await found(true)).toEqual({
    schedules: ["chaos-schedule"],
    faults: ["catalog-virtual-service"],
    optedIn: ["shop-namespace"],
    callers: ["chaos-catalog-traffic"],
  });
  expect(await found(false)).toEqual({ schedules: [], faults: [], optedIn: [], callers: [] });
});
