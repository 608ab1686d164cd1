import { EdgeWorker, type EdgeWorkerArgs } from "../../../components/edge/edge-worker";
import { RetryQueue } from "../../../components/edge/retry-queue";
import { AssetStore } from "../../../components/edge/asset-store";
import type { EdgeSettings } from "../../../components/edge/worker/bindings";
import { evaluate } from "../../../policies/rules";
import { accountId, graph, made, ofType, regions, zone } from "./fixture";
import type { PlannedResource } from "../../../rehearsal/engine/plan";

const args: Omit<EdgeWorkerArgs, "retries"> = {
  ...{ accountId, zone, scriptName: "prod-edge", hosts: ["api.shop.example"], regions },
  ...{ tenantsNamespaceId: "2".repeat(32), flagsNamespaceId: "3".repeat(32), assetsBucket: "prod-assets" },
  routes: [{ path: "/products", cached: true, readsNearest: true, queuesWrites: false }],
  flagsHost: "flags.shop.example",
};
const worker = (change: Partial<EdgeWorkerArgs> = {}) => {
  const retries = new RetryQueue("retries", { accountId, queueName: "prod-retries" });
  return new EdgeWorker("edge", { ...args, retries, ...change });
};
const logs = { bucket: "prod-logs", accessKeyId: "id", secretAccessKey: "hush-hush" };

test.each([true, false])("what a Worker is made of; in preview: %s", async (isPreview) =>
  expect(graph(await made(() => void worker({ logs }), isPreview))).toMatchSnapshot(),
);

test.each([
  ["all of it", {}],
  ["a canary", { canary: { stableVersion: "023e105f-2a42-4f8b-a1c1-73f6a2a30c0f", percent: 10 } }],
  ["customers' domains", { takesCustomDomains: true, bypassedHosts: ["assets.shop.example"] }],
  ["logs", { logs }],
])("%s: it breaks no rule of the pack", async (_, change) => {
  const broken = evaluate(await made(() => void worker(change))).filter(
    // Of the zone, which isn't here.
    ({ policy }) => policy !== "edge-encryption" && policy !== "edge-firewall" && policy !== "hidden-origins",
  );
  expect(broken.map(({ message }) => message)).toEqual([]);
});

const versionOf = (resources: PlannedResource[]): EdgeSettings => {
  const [version] = ofType(resources, "WorkerVersion");
  const bindings = version?.props.bindings as { name: string; json?: string }[];
  return JSON.parse(bindings.find(({ name }) => name === "SETTINGS")?.json ?? "{}") as EdgeSettings;
};
const settings = async (change: Partial<EdgeWorkerArgs> = {}) => versionOf(await made(() => void worker(change)));

test("the version of all copies is the same for the same Worker, and another one for another", async () => {
  expect((await settings()).version).toBe((await settings()).version);
  expect((await settings({ apiSeconds: 60 })).version).not.toBe((await settings()).version);
});

test("it asks the regions by their own hosts", async () =>
  expect((await settings()).regions.map(({ origin }) => origin)).toEqual([
    "https://origin-us-east.shop.example",
    "https://origin-eu-west.shop.example",
  ]));

test("a canary leaves the rest to the version that is trusted", async () => {
  const stableVersion = "023e105f-2a42-4f8b-a1c1-73f6a2a30c0f";
  const [deployment] = ofType(
    await made(() => void worker({ canary: { stableVersion, percent: 10 } })),
    "WorkersDeployment",
  );
  expect(deployment?.props.versions).toEqual([
    { versionId: expect.any(String) as string, percentage: 10 },
    { versionId: stableVersion, percentage: 90 },
  ]);
});

const routes = async (change: Partial<EdgeWorkerArgs>) =>
  ofType(await made(() => void worker(change)), "WorkersRoute").map(({ props }) => [props.pattern, props.script]);

test("requests of its hosts come to it; what a wildcard must not take is left out before", async () => {
  const bypassedHosts = ["assets.shop.example"];
  const left = ["assets", "origin-eu-west", "origin-us-east"].map((label) => [`${label}.shop.example/*`, undefined]);
  expect(await routes({})).toEqual([
    ["api.shop.example/*", "prod-edge"],
    ["flags.shop.example/*", "prod-edge"],
  ]);
  expect((await routes({ tenantDomain: "shop.example", bypassedHosts })).sort()).toEqual(
    [
      ...left,
      ["*.shop.example/*", "prod-edge"],
      ["api.shop.example/*", "prod-edge"],
      ["flags.shop.example/*", "prod-edge"],
    ].sort(),
  );
  expect((await routes({ takesCustomDomains: true, bypassedHosts })).sort()).toEqual([["*/*", "prod-edge"], ...left]);
  expect(await routes({ isRouted: false })).toEqual([]);
});

test("the key that logs are pushed with is a secret", async () => {
  const [job] = ofType(await made(() => void worker({ logs })), "LogpushJob");
  expect(job?.secretProperties).toContain("destinationConf");
});

test("a database's binding is there where there is a database", async () => {
  const [version] = ofType(await made(() => void worker({ databaseConfigurationId: "4".repeat(32) })), "WorkerVersion");
  expect(version?.props.bindings).toContainEqual({ name: "DATABASE", type: "hyperdrive", id: "4".repeat(32) });
});

test("everything that is wrong is told at once", async () => {
  const wrong: Partial<EdgeWorkerArgs> = {
    hosts: ["api.shop.example", "api.shop.example", "api.other.example"],
    flagsHost: "api.shop.example",
    flagTokens: ["a token itself"],
    assetsPath: "assets",
    routes: [
      { path: "products", cached: true, readsNearest: true, queuesWrites: false },
      { path: "products", cached: true, readsNearest: true, queuesWrites: false },
    ],
    ...{ regionMilliseconds: 10, deadlineMilliseconds: 5, consecutiveFailures: 0, openSeconds: 0, apiSeconds: -1 },
    ...{ bodyBytes: -1, hitLogSampling: 0, canary: { stableVersion: "latest", percent: 100 } },
  };
  await expect(made(() => void worker(wrong))).rejects.toThrow(
    [
      'EdgeWorker "edge" has invalid arguments: hosts[1]: api.shop.example is there twice',
      "hosts[2]: api.other.example must be in the zone shop.example",
      "flagsHost: api.shop.example is one of hosts: flags need a host of their own",
      "flagTokens[0]: must be a SHA-256: 64 of 0-9 and a-f; never the token itself",
      'assetsPath: "assets" must be a path with a slash at both ends',
      'routes[0].path: "products" must begin with /',
      'routes[1].path: "products" must begin with /',
      'routes[1].path: "products" is routes[0]\'s too',
      "regionMilliseconds: is 10, must be a whole number from 50 to 60000",
      "deadlineMilliseconds: is 5, must be a whole number from 10 to 60000",
      "consecutiveFailures: is 0, must be a whole number from 1 to 100",
      "openSeconds: is 0, must be a whole number from 1 to 600",
      "apiSeconds: is -1, must be a whole number from 0 to 86400",
      "bodyBytes: is -1, must be a whole number from 0 to 104857600",
      "hitLogSampling: is 0, must be a whole number from 1 to 1000000",
      "canary.percent: is 100, must be from 1 to 99",
      'canary.stableVersion: "latest" must be a version\'s id: a UUID',
    ].join("; "),
  );
});

test("assets have a host of their own where they are given one, by TLS 1.2 or newer", async () => {
  const publicHost = { zone, host: "assets.shop.example" };
  const resources = await made(
    () => void new AssetStore("assets", { accountId, bucketName: "prod-assets", publicHost }),
  );
  expect(graph(resources)).toMatchSnapshot();
});
