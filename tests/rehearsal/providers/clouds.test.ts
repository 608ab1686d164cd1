import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cloud, conceal, reveal } from "../../../rehearsal/providers/clouds/cloud";
import { localCluster } from "../../../rehearsal/providers/clouds/cluster";
import type { StandIn } from "../../../rehearsal/providers/stand-in";
import { createTableStandIn } from "../../../rehearsal/providers/tables";
import { secret } from "../../../rehearsal/providers/wire";
import { operation } from "./client";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "clouds-"));
  process.env.OMEGA_CLOUDS_DIR = folder;
});
afterEach(() => {
  delete process.env.OMEGA_CLOUDS_DIR;
  rmSync(folder, { recursive: true });
});

const reference = (type: string, name = "it") => ({ urn: `urn:pulumi:dev::p::${type}::${name}`, type, name });

async function aws(region: string): Promise<StandIn> {
  const standIn = createTableStandIn("aws");
  await standIn.configure({ region });
  return standIn;
}

async function create(standIn: StandIn, type: string, news: Record<string, unknown>, secrets: string[] = []) {
  const { inputs, failures } = await standIn.check(reference(type), undefined, news, Buffer.from("seed"));
  expect(failures).toEqual([]);
  return { inputs, ...(await standIn.create(reference(type), inputs, operation({ secrets }))) };
}

const vpc = "aws:ec2/vpc:Vpc";
const subnet = "aws:ec2/subnet:Subnet";
const record = "cloudflare:index/dnsRecord:DnsRecord";

describe("a cloud's files", () => {
  const address = { place: "eu-west-1", kind: "ec2/vpc", id: "a/../b" };

  it("are private, complete and where the address says, whatever the id", () => {
    const cloud = new Cloud("aws", folder);
    expect(cloud.create(address, { a: 1 })).toBe(true);
    expect(cloud.create(address, { a: 2 })).toBe(false);
    expect(cloud.read(address)).toEqual({ a: 1 });
    cloud.replace(address, { a: 3 });
    expect(cloud.list(address)).toEqual([{ id: address.id, properties: { a: 3 } }]);
    expect(cloud.listAnywhere(address.kind)).toEqual(cloud.list(address));
    expect(cloud.listAnywhere("ec2/subnet")).toEqual([]);
    const [name = "", ...others] = readdirSync(join(folder, "eu-west-1/ec2/vpc"));
    expect(others).toEqual([]);
    expect(statSync(join(folder, "eu-west-1/ec2/vpc", name)).mode & 0o777).toBe(0o600);
    cloud.delete(address);
    cloud.delete(address);
    expect(cloud.read(address)).toBeUndefined();
  });

  it("hold a salted hash instead of a secret", () => {
    const stored = conceal({ name: "a", password: "hush" }, ["password"]);
    expect(JSON.stringify(stored)).not.toContain("hush");
    expect(stored).not.toEqual(conceal({ name: "a", password: "hush" }, ["password"]));
    expect(reveal(stored, { password: "hush" })).toEqual({ name: "a", password: "hush" });
    expect(reveal(stored, { password: "other" })).toEqual({ name: "a" });
  });
});

describe("a table's stand-in", () => {
  it("creates, reads, updates and deletes, and sees drift", async () => {
    const standIn = await aws("eu-west-1");
    const { id, inputs, outputs } = await create(standIn, vpc, { cidrBlock: "10.0.0.0/16", tags: { a: "1" } });
    const resource = { ...reference(vpc), id, inputs, outputs };
    expect(await standIn.read(resource)).toEqual({ id, inputs, outputs });
    const news = { ...inputs, tags: { a: "2" } };
    expect((await standIn.update(resource, news, operation())).outputs.tagsAll).toEqual({ a: "2" });

    const file = join(folder, "aws/eu-west-1/ec2/vpc", `${id}.json`);
    writeFileSync(file, readFileSync(file, "utf8").replace('"a": "2"', '"a": "by hand"'));
    expect((await standIn.read(resource))?.inputs.tags).toEqual({ a: "by hand" });

    await standIn.delete(resource, operation());
    expect(await standIn.read(resource)).toBeUndefined();
    await standIn.delete(resource, operation());
  });

  it("keeps a secret input out of the files", async () => {
    const standIn = createTableStandIn("cloudflare");
    await standIn.configure({ apiToken: "hush" });
    const news = { zoneId: "z", name: "a.example", type: "TXT", ttl: 1, content: "hush" };
    const { id, inputs, outputs } = await create(standIn, record, news, ["content"]);
    const file = join(folder, "cloudflare/z/index/dnsRecord", `${id}.json`);
    expect(readFileSync(file, "utf8")).not.toContain("hush");
    expect(await standIn.read({ ...reference(record), id, inputs, outputs })).toEqual({ id, inputs, outputs });
  });

  it("keeps an output secret that repeats a secret input", async () => {
    const news = { cidrBlock: "10.0.0.0/16", tags: { a: "hush" } };
    const { outputs } = await create(await aws("eu-west-1"), vpc, news, ["tags"]);
    expect(outputs.tagsAll).toEqual(secret({ a: "hush" }));
  });

  it("refuses a second one under a unique name, in the same region only", async () => {
    const type = "aws:cloudwatch/logGroup:LogGroup";
    const [europe, neighbour, america] = await Promise.all([aws("eu-west-1"), aws("eu-west-1"), aws("us-east-1")]);
    await create(europe, type, { name: "logs" });
    await create(america, type, { name: "logs" });
    await expect(create(neighbour, type, { name: "logs" })).rejects.toThrow("ResourceAlreadyExistsException");
  });

  it("refuses subnets that AWS would refuse", async () => {
    const standIn = await aws("eu-west-1");
    const { id: vpcId } = await create(standIn, vpc, { cidrBlock: "10.0.0.0/16" });
    await create(standIn, subnet, { vpcId, cidrBlock: "10.0.0.0/20" });
    const add = (cidrBlock: string, parent = vpcId) => create(standIn, subnet, { vpcId: parent, cidrBlock });
    await expect(add("10.0.8.0/24")).rejects.toThrow("InvalidSubnet.Conflict");
    await expect(add("10.1.0.0/24")).rejects.toThrow("InvalidSubnet.Range");
    await expect(add("10.0.16.0/24", "vpc-0")).rejects.toThrow("InvalidVpcID.NotFound");
    await expect(add("10.0.16.0/20")).resolves.toBeDefined();
  });

  it("refuses DNS records that exclude each other", async () => {
    const standIn = createTableStandIn("cloudflare");
    const add = (type: string, content: string) =>
      create(standIn, record, { zoneId: "z", name: "a.example", ttl: 1, type, content });
    await add("A", "192.0.2.1");
    await add("TXT", "a");
    await expect(add("A", "192.0.2.1")).rejects.toThrow("81058");
    await expect(add("CNAME", "b.example")).rejects.toThrow("81053");
  });

  it("draws random values that meet the conditions", async () => {
    const standIn = createTableStandIn("random");
    const news = { length: 12, special: false, minNumeric: 3, minUpper: 2 };
    const { outputs } = await create(standIn, "random:index/randomString:RandomString", news);
    expect(outputs.result).toMatch(/^[A-Za-z0-9]{12}$/);
    expect(String(outputs.result).replace(/\D/g, "").length).toBeGreaterThanOrEqual(3);
    await expect(create(standIn, "random:index/randomString:RandomString", { ...news, length: 4 })).rejects.toThrow();
  });
});

it("finds the local control plane by the region's name", () => {
  const file = join(folder, "kubeconfig");
  const cluster = { server: "https://127.0.0.1:6443", "certificate-authority-data": "YQ==" };
  const contexts = [{ name: "eu-west-1", context: { cluster: "here" } }];
  writeFileSync(file, JSON.stringify({ contexts, clusters: [{ name: "here", cluster }] }));
  expect(localCluster(file, "eu-west-1")).toEqual({ endpoint: cluster.server, certificateAuthority: "YQ==" });
  expect(localCluster(file, "us-east-1")).toBeUndefined();
  expect(localCluster(undefined, "eu-west-1")).toBeUndefined();
});
