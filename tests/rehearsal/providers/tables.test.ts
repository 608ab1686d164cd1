import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { UNKNOWN } from "../../../rehearsal/providers/stand-in";
import { tables } from "../../../rehearsal/providers/tables";
import { ipv4Cidr, isInside, overlap, parseCidr } from "../../../rehearsal/providers/tables/checks";
import { mockCall, mockResource } from "../../../rehearsal/providers/tables/mocks";
import { checkResource, diffResource, outputsOf, typeOf } from "../../../rehearsal/providers/tables/resource";
import { awsTable } from "../../../rehearsal/providers/tables/aws";

const vpc = "aws:ec2/vpc:Vpc";
const settings = { region: "eu-west-1" };

const check = (token: string, news: Record<string, unknown>, olds?: Record<string, unknown>) =>
  checkResource(awsTable, { token, name: "it", olds, news, settings, randomSeed: Buffer.from("seed") });

const address = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
const block = fc.tuple(address, fc.integer({ min: 0, max: 32 })).map(([bytes, prefix]) => {
  const cidr = parseCidr(`${bytes.join(".")}/${prefix}`);
  if (!cidr) throw new Error("no CIDR");
  return cidr;
});

describe("CIDR blocks", () => {
  it("are canonical after parsing", () => {
    fc.assert(fc.property(block, (cidr) => expect(parseCidr(cidr.canonical)).toEqual(cidr)));
  });

  it("are nested or apart, never half and half", () => {
    fc.assert(
      fc.property(block, block, (one, other) =>
        expect(overlap(one, other)).toBe(isInside(one, other) || isInside(other, one)),
      ),
    );
  });

  it("are accepted from the largest to the smallest size and without host bits only", () => {
    fc.assert(
      fc.property(block, (cidr) =>
        expect(ipv4Cidr(16, 28)(cidr.canonical) === undefined).toBe(cidr.prefix >= 16 && cidr.prefix <= 28),
      ),
    );
    expect(ipv4Cidr(16, 28)("10.0.0.1/16")).toContain('did you mean "10.0.0.0/16"?');
  });

  it.each(["10.0.0.0", "10.0.0.256/16", "10.0.0.0/33", "a/16", "", undefined])("refuse %p", (text) => {
    expect(parseCidr(text)).toBeUndefined();
  });
});

describe("tables", () => {
  const types = tables.flatMap((table) => Object.entries(table.types).map(([token, type]) => ({ table, token, type })));

  it.each(types)("$token lists inputs of the SDK only", ({ table, token, type }) => {
    const [, path = "", name = ""] = token.split(":");
    const module = path.replace("index/", "");
    // The SDK writes r2BucketCors as r2bucketCors.
    const file = [module, module.toLowerCase(), module.replace(/^(r\d)(.)/, (_, r2, next) => r2 + next.toLowerCase())]
      .map((module) => `node_modules/@pulumi/${table.package}/${module}.d.ts`)
      .find(existsSync);
    const declaration = readFileSync(file ?? "", "utf8").split(`export interface ${name}Args {`)[1] ?? "";
    for (const input of Object.keys(type.inputs).map((path) => path.split(".")[0])) {
      expect(declaration).toMatch(new RegExp(`^    ${input}\\??: (pulumi|any)`, "m"));
    }
    for (const input of [
      ...(type.required ?? []),
      ...Object.keys(type.checks ?? {}),
      ...Object.keys(type.defaults?.({}) ?? {}),
    ]) {
      expect(Object.keys(type.inputs)).toContain(input.split(".")[0]);
    }
  });
});

describe("check", () => {
  it("refuses what the rehearsal does not know, saying where to add it", () => {
    expect(() => check("aws:sqs/queue:Queue", {})).toThrow(
      "the rehearsal does not know aws:sqs/queue:Queue: add it to rehearsal/providers/tables/aws.ts",
    );
    expect(() => check("constructor", {})).toThrow("does not know");
    const { failures } = check(vpc, { cidrBlock: "10.0.0.0/16", cidr: "x" });
    expect(failures).toEqual([{ property: "cidr", reason: expect.stringContaining("does not know this input") }]);
  });

  it("reports missing and invalid inputs together, and lets unknown ones pass", () => {
    const { failures } = check("aws:eks/cluster:Cluster", { roleArn: UNKNOWN, version: "latest" });
    expect(failures.map(({ property }) => property)).toEqual(["vpcConfig", "version"]);
  });

  it("makes a name that stays over updates", () => {
    const first = check("aws:cloudwatch/logGroup:LogGroup", {}).inputs;
    expect(first.name).toMatch(/^it-[0-9a-f]{7}$/);
    const again = checkResource(awsTable, {
      ...{ token: "aws:cloudwatch/logGroup:LogGroup", name: "it", olds: first, news: {}, settings },
      randomSeed: Buffer.from("another seed"),
    });
    expect(again.inputs.name).toBe(first.name);
    expect(check("aws:kms/alias:Alias", { targetKeyId: "k" }).inputs.name).toMatch(/^alias\/it-[0-9a-f]{7}$/);
  });
});

describe("diff", () => {
  const cluster = typeOf(awsTable, "aws:eks/cluster:Cluster");

  it("follows the deepest path that is listed", () => {
    const olds = { name: "c", kubernetesNetworkConfig: { ipFamily: "ipv4", elasticLoadBalancing: { enabled: true } } };
    const news = { name: "c", kubernetesNetworkConfig: { ipFamily: "ipv6", elasticLoadBalancing: { enabled: false } } };
    expect(diffResource(cluster, "it", olds, news, [])).toEqual({
      changed: ["kubernetesNetworkConfig.ipFamily", "kubernetesNetworkConfig.elasticLoadBalancing.enabled"],
      replaces: ["kubernetesNetworkConfig.ipFamily"],
      deleteBeforeReplace: true,
    });
  });

  it("leaves out what is ignored, and keeps an autonamed one until its successor is there", () => {
    const olds = { name: "it-1234567", roleArn: "a", version: "1.32" };
    const news = { ...olds, roleArn: "b", version: "1.33" };
    expect(diffResource(cluster, "it", olds, news, ["version"])).toEqual({
      ...{ changed: ["roleArn"], replaces: ["roleArn"], deleteBeforeReplace: false },
    });
  });
});

describe("outputs", () => {
  const cluster = typeOf(awsTable, "aws:eks/cluster:Cluster");
  const inputs = { name: "c", region: "eu-west-1", vpcConfig: { subnetIds: ["a", "b"] } };
  const facts = { inputs, settings, id: "c" };
  const nobody = () => [];

  it("are unknown in the preview of a creation, except the inputs", () => {
    const outputs = outputsOf(cluster, { ...facts, id: "" }, nobody, {});
    expect(outputs).toMatchObject({ name: "c", endpoint: UNKNOWN, certificateAuthority: UNKNOWN, identities: UNKNOWN });
    expect(outputs.vpcConfig).toMatchObject({ subnetIds: ["a", "b"], clusterSecurityGroupId: UNKNOWN });
  });

  it("stay known in the preview of an update that does not concern them", () => {
    const olds = outputsOf(cluster, facts, nobody);
    const news = { ...inputs, tags: { team: "a" } };
    const outputs = outputsOf(cluster, { ...facts, inputs: news }, nobody, { olds });
    expect(outputs).toMatchObject({ endpoint: olds.endpoint, arn: olds.arn, tagsAll: UNKNOWN });
  });
});

describe("mocks", () => {
  it("answer as the tables do, the same every time", () => {
    const make = () => mockResource(vpc, "main", { cidrBlock: "10.0.0.0/16" });
    expect(make()).toEqual(make());
    expect(make().id).toMatch(/^vpc-[0-9a-f]{17}$/);
    expect(make().outputs.arn).toBe(`arn:aws:ec2:us-east-1:123456789012:vpc/${make().id}`);
    expect(() => mockResource(vpc, "main", { cidrBlock: "10.0.0.0/8" })).toThrow("cidrBlock: the netmask must be");
  });

  it("name Kubernetes objects and pass others through", () => {
    const { outputs } = mockResource("kubernetes:core/v1:ConfigMap", "settings", { data: {} });
    expect(outputs.metadata).toEqual({ name: expect.stringMatching(/^settings-[0-9a-f]{7}$/) });
    expect(mockResource("omega:index:Network", "n", { a: 1 }).outputs).toEqual({ a: 1 });
  });

  it.each([
    ["us-east-1", ["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1d", "us-east-1e", "us-east-1f"], "use1-az1"],
    ["ap-southeast-2", ["ap-southeast-2a", "ap-southeast-2b", "ap-southeast-2c"], "apse2-az1"],
  ])("know the zones of %s", (region, names, firstId) => {
    const token = "aws:index/getAvailabilityZones:getAvailabilityZones";
    const result = mockCall(token, { state: "available" }, { region });
    expect(result.names).toEqual(names);
    expect(result.zoneIds).toContain(firstId);
  });

  it("refuse functions that are not listed", () => {
    expect(() => mockCall("aws:ec2/getAmi:getAmi", {})).toThrow("the rehearsal does not know aws:ec2/getAmi:getAmi");
  });
});
