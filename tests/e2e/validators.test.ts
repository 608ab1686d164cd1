import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { controlPlaneOptions, linkDefinitions } from "../../rehearsal/environment";
import { provideTools } from "../../rehearsal/toolchain";
import { run, TestRehearsal } from "./support";
import { type Manifest, manifestsOf, nameOf, stream } from "./validators/manifests";
import { faults } from "./validators/mesh-faults";
import { schemaLocation, writeSchemas } from "./validators/schemas";

jest.setTimeout(600_000);

const rehearsal = new TestRehearsal();
const inFolder = (name: string) => join(rehearsal.paths.root, name);
const kubectl = (command: string, input?: object) => rehearsal.kubectl(command, input);
const apply = (items: object[]) => kubectl("apply --server-side -f -", { apiVersion: "v1", kind: "List", items });

let tools: Awaited<ReturnType<typeof provideTools<"istioctl" | "kube-score" | "kubeconform">>>;
/** Of the stacks that ask something of a cluster. */
let manifests: Record<"dev" | "prod-us-east", Manifest[]>;

beforeAll(async () => {
  tools = await provideTools(["istioctl", "kube-score", "kubeconform"]);
  await linkDefinitions(rehearsal.charts, () => undefined);
  const definitions = readdirSync(rehearsal.charts).map((chart) => join(rehearsal.charts, chart));
  const { tools: clusters } = await controlPlaneOptions(rehearsal.paths, () => undefined);
  definitions.push(...clusters.customResourceDefinitions);
  await rehearsal.startClusters(["one"], definitions);
  manifests = { dev: await manifestsOf("dev"), "prod-us-east": await manifestsOf("prod-us-east") };
});

afterAll(() => rehearsal.remove());

const stacks = ["dev", "prod-us-east"] as const;

describe("kubeconform, by the schemas of the API server and of the real custom resources", () => {
  const check = async (subjects: Manifest[]) => {
    const file = inFolder("conform.yaml");
    writeFileSync(file, stream(subjects));
    const options = ["-strict", "-schema-location", schemaLocation(inFolder("schemas")), "-output", "json", "-summary"];
    const { output } = await run(tools.kubeconform, [...options, file]);
    return JSON.parse(output) as { resources?: { msg: string }[]; summary: Record<string, number> };
  };

  beforeAll(() => writeSchemas(inFolder("schemas"), (path) => kubectl(`get --raw ${path}`)));

  test.each(stacks)("finds nothing in %s, and has a schema for all of it", async (stack) => {
    const { summary, resources = [] } = await check(manifests[stack]);
    expect(resources).toEqual([]);
    expect(summary).toEqual({ valid: manifests[stack].length, invalid: 0, errors: 0, skipped: 0 });
  });

  test.each([
    ["of the cluster", "Deployment", "replicsa"],
    ["of the mesh", "DestinationRule", "hots"],
  ])("does find a misspelt field %s", async (_, kind, field) => {
    const subject = manifests.dev.find((manifest) => manifest.kind === kind);
    const { resources } = await check([{ ...subject, spec: { ...Object(subject?.spec), [field]: 1 } } as Manifest]);
    expect(resources?.map(({ msg }) => msg)).toEqual([expect.stringContaining(field)]);
  });
});

interface Score {
  object_name: string;
  object_meta: { name: string; namespace?: string };
  type_meta: { kind: string };
  checks: { check: { id: string }; grade: number; skipped: boolean; comments: { summary: string }[] | null }[];
}

describe("kube-score", () => {
  /** What it calls critical and we mean. */
  const exemptions: { check: string; objects: RegExp; reason: string }[] = [
    {
      check: "container-image-pull-policy",
      objects: /./,
      reason:
        "an image is pinned by its digest or its version, and a pod must be able to restart while the registry is away",
    },
    {
      check: "container-security-context-user-group-id",
      objects: /^DaemonSet monitoring\/log-agent$/,
      reason: "the node's log files belong to root",
    },
    {
      check: "container-security-context-user-group-id",
      objects: /^Deployment gateway\/gateway$/,
      reason: "Istio's injector sets the user of its own proxy",
    },
    {
      check: "container-image-tag",
      objects: /^Deployment gateway\/gateway$/,
      reason: "the injector replaces the image `auto` by its own version's",
    },
    {
      check: "networkpolicy-targets-pod",
      objects: /^NetworkPolicy chaos\//,
      reason: "Chaos Mesh makes the pods when an experiment sends its requests",
    },
    {
      check: "networkpolicy-targets-pod",
      objects: /^NetworkPolicy (cache|database(-payment)?|kafka)\//,
      reason: "an operator makes the pods",
    },
    {
      check: "service-targets-pod",
      objects: /^Service (cache|database(-payment)?)\//,
      reason: "an operator makes the pods",
    },
    {
      check: "container-security-context-user-group-id",
      objects: /^(CronJob|Job) (cache|database(-payment)?)\//,
      reason: "they run an operator's image, whose files belong to its own user",
    },
    {
      check: "pod-probes-identical",
      objects: /^Deployment kafka\/kafka-exporter$/,
      reason: "its metrics are all that it answers with",
    },
    {
      check: "networkpolicy-targets-pod",
      objects: /^NetworkPolicy shop\/event-operator$/,
      reason: "its pods are a job's that somebody starts when there are dead letters",
    },
  ];
  const isExempt = ({ id, object }: { id: string; object: string }) =>
    exemptions.some(({ check, objects }) => check === id && objects.test(object));

  async function criticalFindings(
    subjects: Manifest[],
  ): Promise<{ id: string; object: string; summaries: string[] }[]> {
    const file = inFolder("score.yaml");
    writeFileSync(file, stream(subjects));
    // A limit on CPU would throttle a pod beside idle cores.
    const options = ["--kubernetes-version=v1.37", "--output-format=json", "--ignore-container-cpu-limit"];
    const { output } = await run(tools["kube-score"], ["score", ...options, file]);
    const scores = JSON.parse(output) as Score[];
    expect(scores.length).toBeGreaterThan(0);
    return scores.flatMap(({ checks, type_meta: { kind }, object_meta: metadata }) =>
      checks
        .filter(({ grade, skipped }) => grade === 1 && !skipped)
        .map(({ check: { id }, comments }) => ({
          id,
          object: nameOf({ apiVersion: "", kind, metadata }),
          summaries: (comments ?? []).map(({ summary }) => summary),
        })),
    );
  }

  test.each(stacks)("finds nothing critical in %s but what is exempt", async (stack) => {
    expect((await criticalFindings(manifests[stack])).filter((found) => !isExempt(found))).toEqual([]);
  });

  test("each exemption is needed", async () => {
    const found = [...(await criticalFindings(manifests.dev)), ...(await criticalFindings(manifests["prod-us-east"]))];
    for (const { check, objects } of exemptions) {
      expect(found).toContainEqual(expect.objectContaining({ id: check, object: expect.stringMatching(objects) }));
    }
  });

  test("does find what is missing", async () => {
    const subject = structuredClone(manifests.dev.find(({ kind }) => kind === "Deployment"));
    const text = JSON.stringify(subject).replace('"readOnlyRootFilesystem":true', '"readOnlyRootFilesystem":false');
    const found = await criticalFindings([JSON.parse(text) as Manifest]);
    expect(found.map(({ id }) => id)).toContain("container-security-context-readonlyrootfilesystem");
  });
});

interface Message {
  code: string;
  level: string;
  message: string;
  origin: string;
}

describe("istioctl analyze, on the running control plane", () => {
  const exemptions = [
    // Injection is the work of a webhook of istiod's, which doesn't run here: no pod has its proxy.
    "IST0103=Pod *",
    "IST0146=Deployment gateway/gateway",
    "IST0147=Pod gateway/gateway-*",
    // What no other API of Istio's says; each of them is loaded by a real Envoy in tests/e2e/data-plane.
    "IST0133=EnvoyFilter gateway/*",
    // Chaos Mesh makes the pods when an experiment sends its requests.
    "IST0127=AuthorizationPolicy chaos/default-deny",
    // A job of the bus's operator makes its pods when somebody starts it.
    "IST0101=Sidecar shop/event-operator",
  ];

  /** Strimzi and the operator of Dragonfly make these, and neither runs here. */
  const operatorsServices = [
    ...["omega-kafka-bootstrap.kafka", "omega-kafka-brokers.kafka"],
    ...["cache.cache", "counters.cache"],
  ];

  async function analyze(): Promise<Message[]> {
    const options = ["--all-namespaces", "--kubeconfig", rehearsal.paths.kubeconfig, "--output", "json"];
    const suppressed = exemptions.flatMap((exemption) => ["--suppress", exemption]);
    const { output } = await run(tools.istioctl, ["analyze", ...options, ...suppressed]);
    const found = JSON.parse(output.slice(output.indexOf("["), output.lastIndexOf("]") + 1)) as Message[];
    const isOperators = ({ code, message }: Message) =>
      code === "IST0174" && operatorsServices.some((host) => message.includes(`${host}.svc.cluster.local `));
    return found.filter((message) => message.level !== "Info" && !isOperators(message));
  }

  beforeAll(() => {
    const isNamespace = ({ kind }: Manifest) => kind === "Namespace";
    apply(manifests.dev.filter(isNamespace));
    apply(manifests.dev.filter((manifest) => !isNamespace(manifest)));
    for (const name of ["catalog", "cart"])
      kubectl(`wait deployment/${name} -n shop --for=condition=Available --timeout=60s`);
  });

  test("finds no error and no warning in dev", async () => {
    expect(await analyze()).toEqual([]);
  });

  test.each(faults)("reports $what", async ({ code, object }) => {
    apply([object]);
    const found = await analyze();
    kubectl("delete -f -", object);
    expect(found.map((message) => [message.code, message.origin])).toContainEqual([code, nameOf(object)]);
  });
});
