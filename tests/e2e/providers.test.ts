import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as aws from "@pulumi/aws";
import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import type { EngineEvent, PulumiFn, Stack } from "@pulumi/pulumi/automation";
import * as random from "@pulumi/random";
import { TestRehearsal } from "./support";

jest.setTimeout(600_000);

const rehearsal = new TestRehearsal();
const { clouds, root, state } = rehearsal.paths;
const faults = join(root, "faults.yaml");
const stackNamed = (name: string, program: PulumiFn) => rehearsal.stack(name, program, { OMEGA_FAULTS: faults });

beforeEach(() => writeFileSync(faults, "[]"));

afterAll(async () => {
  expect(pluginProcesses()).toEqual([]);
  await rehearsal.remove();
});

/** Stand-ins, and anything that they started, which outlived their engine. */
function pluginProcesses(): string[] {
  const processes = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry));
  return processes.filter((entry) => {
    try {
      return readFileSync(`/proc/${entry}/environ`, "utf8").includes(`OMEGA_CLOUDS_DIR=${clouds}`);
    } catch {
      return false;
    }
  });
}

const cloudFiles = () =>
  readdirSync(clouds, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".json"));

interface StoredResource {
  urn: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

async function resources(stack: Stack): Promise<StoredResource[]> {
  const { deployment } = (await stack.exportStack()) as { deployment: { resources?: StoredResource[] } };
  return deployment.resources ?? [];
}

async function resource(stack: Stack, name: string): Promise<StoredResource> {
  const found = (await resources(stack)).find(({ urn }) => urn.endsWith(`::${name}`));
  if (!found) throw new Error(`no ${name} in the state`);
  return found;
}

const region = (name: aws.Region) => ({ provider: new aws.Provider(name, { region: name }) });

const logGroup = (args: aws.cloudwatch.LogGroupArgs = {}) =>
  new aws.cloudwatch.LogGroup("logs", args, region("eu-west-1"));

async function messages(run: (onEvent: (event: EngineEvent) => void) => Promise<unknown>): Promise<string> {
  const seen: string[] = [];
  await run((event) => seen.push(event.diagnosticEvent?.message ?? "")).catch((error: unknown) =>
    seen.push(String(error)),
  );
  return seen.join("\n");
}

test("secrets stay secret, in nested positions too, and out of the simulated cloud", async () => {
  const stack = await stackNamed("secrets", async () => {
    const hush = pulumi.secret("hush-hush");
    const account = { accountId: "0123456789abcdef0123456789abcdef" };
    new aws.cloudwatch.LogGroup("logs", { tags: { open: "seen", hidden: hush } }, region("eu-west-1"));
    const cloud = { provider: new cloudflare.Provider("cloudflare", { apiToken: hush }) };
    new cloudflare.DnsRecord("record", { zoneId: "z", name: "a.example", type: "TXT", ttl: 1, content: hush }, cloud);
    new cloudflare.WorkersKvNamespace("flags", { ...account, title: "flags" }, cloud);
    return { password: new random.RandomPassword("password", { length: 24, keepers: { of: hush } }).result };
  });
  const { outputs } = await stack.up();
  expect(outputs.password).toEqual({ secret: true, value: expect.stringMatching(/^.{24}$/) });
  await stack.refresh();
  const hidden = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: '"hush-hush"' };
  for (const side of ["inputs", "outputs"] as const) {
    expect((await resource(stack, "logs"))[side]?.tags).toEqual({ open: "seen", hidden });
    expect((await resource(stack, "record"))[side]?.content).toEqual(hidden);
    expect((await resource(stack, "password"))[side]?.keepers).toEqual({ of: hidden });
  }
  expect(cloudFiles()).toHaveLength(3);
  const files = [...cloudFiles().map((file) => join(clouds, file)), join(state, ".pulumi/stacks/test/secrets.json")];
  for (const file of files) expect(readFileSync(file, "utf8")).not.toContain("hush-hush");
  await stack.destroy();
  expect(cloudFiles()).toEqual([]);
});

test("computed outputs are unknown in preview; a force-new change replaces, any other does not", async () => {
  const known: unknown[] = [];
  let cidrBlock = "10.0.0.0/16";
  let team = "a";
  const stack = await stackNamed("changes", async () => {
    const europe = region("eu-west-1");
    const vpc = new aws.ec2.Vpc("vpc", { cidrBlock, tags: { team } }, europe);
    pulumi.all([vpc.cidrBlock]).apply(() => known.push("cidrBlock"));
    vpc.arn.apply(() => known.push("arn"));
    vpc.id.apply(() => known.push("id"));
    return { vpc: vpc.id };
  });
  await stack.preview();
  expect(known).toEqual(["cidrBlock"]);
  const created = await stack.up();
  expect(created.outputs.vpc?.value).toMatch(/^vpc-[0-9a-f]{17}$/);

  team = "b";
  const updated = await stack.up();
  expect(updated.summary.resourceChanges).toEqual({ same: 2, update: 1 });
  expect(updated.outputs.vpc).toEqual(created.outputs.vpc);

  cidrBlock = "10.1.0.0/16";
  const replaced = await stack.up();
  expect(replaced.summary.resourceChanges).toEqual({ same: 2, replace: 1 });
  expect(replaced.outputs.vpc).not.toEqual(created.outputs.vpc);
  expect((await stack.up()).summary.resourceChanges).toEqual({ same: 3 });
});

test("a cluster of another region keeps its own place, and drift and loss are seen", async () => {
  const stack = await stackNamed("regions", async () => {
    for (const name of ["eu-west-1", "us-east-1"] as const) {
      new aws.cloudwatch.LogGroup(`logs-${name}`, { name: "same" }, region(name));
    }
  });
  await stack.up();
  for (const name of ["eu-west-1", "us-east-1"]) {
    expect((await resource(stack, `logs-${name}`)).outputs?.arn).toContain(`:${name}:`);
  }
  rmSync(join(clouds, "aws/us-east-1/cloudwatch/logGroup/same.json"));
  const file = join(clouds, "aws/eu-west-1/cloudwatch/logGroup/same.json");
  writeFileSync(file, readFileSync(file, "utf8").replace('"retentionInDays": 0', '"retentionInDays": 7'));
  expect((await stack.refresh()).summary.resourceChanges).toMatchObject({ delete: 1, update: 1 });
  expect((await stack.up()).summary.resourceChanges).toEqual({ same: 3, create: 1, update: 1 });
});

test("what is not listed is refused in preview", async () => {
  const type = await stackNamed("type", async () => void new aws.sqs.Queue("queue", {}, region("eu-west-1")));
  expect(await messages((onEvent) => type.preview({ onEvent }))).toContain(
    "the rehearsal does not know aws:sqs/queue:Queue: add it to rehearsal/providers/tables/aws.ts",
  );
  const input = await stackNamed("input", async () => void logGroup({ namePrefix: "a", retentionInDays: 2 }));
  const refused = await messages((onEvent) => input.preview({ onEvent }));
  expect(refused).toContain("the rehearsal does not know this input of aws:cloudwatch/logGroup:LogGroup");
  expect(refused).toContain("must be one of 0, 1, 3, 5");
});

test("faults fail, throttle and crash as told", async () => {
  let name = "it";
  const stack = await stackNamed("faults", async () => void logGroup({ name }));
  const type = "aws:cloudwatch/logGroup:LogGroup";
  const fault = (effect: string) => writeFileSync(faults, `- { type: "${type}", operation: create, ${effect} }`);
  const up = () => messages((onEvent) => stack.up({ onEvent }));

  fault("effect: fail, message: LimitExceededException");
  const failed = await up();
  expect(failed).toContain("LimitExceededException");
  expect(failed).not.toContain("    at ");

  fault("effect: crash");
  expect(await up()).toContain("error reading from server: EOF");
  expect((await resources(stack)).filter(({ urn }) => urn.endsWith("::logs"))).toEqual([]);

  fault("effect: throttle, milliseconds: 300");
  expect(await up()).toContain("ThrottlingException: Rate exceeded; trying again in 100 ms");
  expect((await resource(stack, "logs")).id).toBe("it");

  name = "other";
  fault("effect: crash, afterWrite: true");
  await up();
  writeFileSync(faults, "[]");
  // The cloud has it, the state does not: what a real crash leaves behind.
  expect(await up()).toContain("ResourceAlreadyExistsException");
});
