import { readStackFile } from "../../rehearsal/engine/stack-file";
import { projectRoot } from "../../rehearsal/paths";
import type { SecretKey } from "../../stacks/schema";
import { validate } from "../../stacks/validation";

const { config } = readStackFile(projectRoot, "dev");
const dev = Object.fromEntries(
  Object.entries(config)
    .filter(([key]) => key.startsWith("omega:"))
    .map(([key, value]) => [key.slice("omega:".length), value]),
);
const edge = dev.edge as Record<string, unknown>;
const gateway = dev.gateway as Record<string, unknown>;

const errorsOf = (change: Record<string, unknown>, secrets: SecretKey[] = []): string[] =>
  validate({ ...dev, ...change }, secrets).errors.map(({ path, reason }) => `${path}: ${reason}`);
const edgeErrorsOf = (change: Record<string, unknown>, secrets: SecretKey[] = []) =>
  errorsOf({ edge: { ...edge, ...change } }, secrets);

test("the dev stack's edge has none", () => expect(edgeErrorsOf({})).toEqual([]));

test("a region must have a place, the edge a gateway, and an account", () => {
  expect(errorsOf({ regions: [{ name: "us-east" }] })).toContain(
    "regions[0].location: is missing: the edge sends visitors to the nearest region",
  );
  expect(errorsOf({ gateway: undefined })).toContain("gateway: is missing: the edge has nobody to ask without one");
  expect(errorsOf({ cloudflareAccountId: undefined })).toContain(
    "cloudflareAccountId: is missing: what is at the edge lives in an account",
  );
});

test("each host is one thing's alone, in the zone, where its certificate covers it", () => {
  const change = {
    gateway: { ...gateway, hosts: ["api.shop.example", "*.shop.example", "a.b.shop.example", "api.other.example"] },
    edge: {
      ...edge,
      assetsHost: "api.shop.example",
      flagsHost: "origin-us-east.shop.example",
      otherHosts: ["id.other.example"],
    },
  };
  expect(errorsOf(change).filter((each) => /^(gateway\.hosts|edge\.)/.test(each))).toEqual([
    "gateway.hosts[3]: api.other.example must be in the zone shop.example",
    "gateway.hosts[1]: *.shop.example must be one host: the edge knows tenants' hosts by themselves",
    "gateway.hosts[2]: a.b.shop.example is below the first level of shop.example, which its certificate doesn't cover",
    "edge.flagsHost: origin-us-east.shop.example is how the edge asks a region",
    "edge.assetsHost: api.shop.example is gateway.hosts[0] too",
    "edge.otherHosts[0]: id.other.example must be in the zone shop.example",
  ]);
});

test("tenants can't have a host by which the edge asks a region", () => {
  const tenants = [{ id: "origin-us-east", tier: "free", dataRegion: "us-east" }];
  expect(errorsOf({ tenants, flags: {} })).toContain(
    "tenants[0].id: origin-us-east.shop.example belongs to the platform itself",
  );
});

test("regions that are drained or shed must be there, and one must be left", () => {
  expect(edgeErrorsOf({ drained: ["mars"], shedPercent: { venus: 10, "us-east": 60 } })).toEqual([
    'edge.drained[0]: "mars" must be one of us-east',
    'edge.shedPercent.venus: "venus" must be one of us-east',
    "regions[0].shedPercent: is 60, must be a whole number from 0 to 50",
  ]);
  expect(edgeErrorsOf({ drained: ["us-east"] })).toContain("regions: are all drained: nobody would answer");
});

test("what is queued is a route's, and comes from somewhere", () => {
  const rest = Object.fromEntries(Object.entries(edge).filter(([key]) => key !== "workersDomain"));
  expect(errorsOf({ edge: { ...rest, queuedPaths: ["/nowhere"] } })).toEqual([
    'edge.queuedPaths[0]: "/nowhere" is no service\'s route',
    "edge.workersDomain: is missing: the regions' hosts are closed to what queuedPaths sends again",
  ]);
});

test("secrets and what they are for come together", () => {
  const given = {
    clientCertificate: "PEM",
    logs: { bucket: "logs", accessKeyId: "id" },
    database: { dialect: "postgresql", host: "db.example.com", database: "shop", username: "reader", connections: 1 },
  };
  expect(edgeErrorsOf(given)).toEqual([
    "edgeClientKey: is missing, for edge.clientCertificate: pulumi config set --secret omega:edgeClientKey",
    "edgeDatabasePassword: is missing, for edge.database: pulumi config set --secret omega:edgeDatabasePassword",
    "edgeLogsKey: is missing, for edge.logs: pulumi config set --secret omega:edgeLogsKey",
    "edge.database.connections: is 1, must be a whole number from 5 to 100",
    "gateway.clientAuthority: is missing: nobody looks at edge.clientCertificate",
  ]);
  expect(edgeErrorsOf({}, ["edgeClientKey"])).toEqual(["edge.clientCertificate: is missing, but edgeClientKey is set"]);
  expect(errorsOf({ gateway: { ...gateway, clientAuthority: "PEM" } })).toEqual([
    "edge.clientCertificate: is missing: gateway.clientAuthority refuses what has none",
  ]);
});

test("a region, which inherits the edge and doesn't make it, needs none of its secrets", () => {
  const change = { scope: "region", region: "us-east", edge: { ...edge, logs: { bucket: "logs", accessKeyId: "id" } } };
  expect(errorsOf(change).filter((each) => each.startsWith("edge"))).toEqual([]);
});

test("a route of one host can't be behind the edge", () => {
  const services = structuredClone(dev.services) as { routes?: Record<string, unknown>[] }[];
  const [route] = services[0]?.routes ?? [];
  if (route !== undefined) route.hosts = ["api.shop.example"];
  expect(errorsOf({ services })).toEqual([
    "services[0].routes[0].hosts: must be left out: the edge asks each region by the region's own host",
  ]);
});
