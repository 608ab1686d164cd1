import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chosenRegions, parallelRegions } from "../../../rehearsal/engine/regions";
import { sideBySide } from "../../../rehearsal/engine/side-by-side";
import { regionalStacks } from "../../../rehearsal/engine/stack-file";
import { type StoredResource, whatStays } from "../../../rehearsal/engine/state";

describe("the stacks of regions", () => {
  const folder = mkdtempSync(join(tmpdir(), "omega-regions-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const write = (stack: string, ...lines: string[]) =>
    writeFileSync(
      join(folder, `Pulumi.${stack}.yaml`),
      ["config:", ...lines.map((line) => `  ${line}`), ""].join("\n"),
    );

  test("are those that inherit and are one region each, in the order of the regions, whatever their names", () => {
    write("shared", "omega:scope: global", "omega:regions: [{ name: b }, { name: a }]");
    write("first", "omega:inherits: shared", "omega:scope: region", "omega:region: a");
    write("second", "omega:inherits: shared", "omega:scope: region", "omega:region: b");
    write("other", "omega:inherits: elsewhere", "omega:scope: region", "omega:region: a");
    write("whole", "omega:inherits: shared", "omega:scope: single");
    expect(regionalStacks(folder, "shared")).toEqual([
      { stack: "second", region: "b" },
      { stack: "first", region: "a" },
    ]);
    expect(regionalStacks(folder, "first")).toEqual([]);
  });
});

describe("what is asked for", () => {
  const { OMEGA_REGIONS, OMEGA_PARALLEL_REGIONS } = process.env;
  afterEach(() => {
    Object.assign(process.env, {
      OMEGA_REGIONS: OMEGA_REGIONS ?? "",
      OMEGA_PARALLEL_REGIONS: OMEGA_PARALLEL_REGIONS ?? "",
    });
  });
  const chosen = (regions: string) => {
    process.env.OMEGA_REGIONS = regions;
    return chosenRegions("prod").map(({ region }) => region);
  };

  test("are all regions, none, or some", () => {
    const all = ["us-east", "eu-west", "ap-south", "ap-north"];
    expect(chosen("")).toEqual(all);
    expect(chosen("all")).toEqual(all);
    expect(chosen("none")).toEqual([]);
    expect(chosen("ap-south, us-east")).toEqual(["us-east", "ap-south"]);
    expect(() => chosen("us-west")).toThrow('REGIONS: "us-west" is no region of prod: all, none, or some of us-east');
    expect(chosenRegions("dev")).toEqual([]);
  });

  test.each(["0", "1.5", "two"])("%s regions at a time are refused", (given) => {
    process.env.OMEGA_PARALLEL_REGIONS = given;
    expect(parallelRegions).toThrow(`OMEGA_PARALLEL_REGIONS: "${given}" must be a whole number from 1`);
  });
});

test("one stack's failure stops no other, and is told with its name", async () => {
  const lines: string[] = [];
  const runs = await sideBySide("nonsense", ["one", "three"], 1, (line) => lines.push(line));
  expect(runs.map(({ stack, succeeded }) => [stack, succeeded])).toEqual([
    ["one", false],
    ["three", false],
  ]);
  expect(runs[1]?.error).toContain('"nonsense" is no command');
  expect(lines.map((line) => line.slice(0, 8))).toEqual(["one   | ", "three | "]);
}, 60_000);

test("what is protected stays, with all that it is made in, by and of; and nothing else", () => {
  const urn = (type: string, name: string) => `urn:pulumi:prod::omega::${type}::${name}`;
  const resource = (type: string, name: string, further: Partial<StoredResource> = {}): StoredResource => ({
    ...{ urn: urn(type, name), type, custom: !type.startsWith("omega:") },
    ...further,
  });
  const provider = resource("pulumi:providers:aws", "aws");
  const stays = whatStays([
    provider,
    resource("omega:index:Store", "store"),
    resource("aws:kms/key:Key", "key"),
    resource("aws:kms/alias:Alias", "alias", { dependencies: [urn("aws:kms/key:Key", "key")] }),
    resource("aws:s3/bucket:Bucket", "bucket", {
      protect: true,
      parent: urn("omega:index:Store", "store"),
      provider: `${provider.urn}::id`,
      dependencies: [urn("aws:kms/key:Key", "key")],
    }),
  ]);
  expect(stays).toEqual({
    protected: [{ type: "Bucket", name: "bucket" }],
    needed: [{ type: "Key", name: "key" }],
  });
});

test("after an interrupt what runs is told to end, and nothing more begins, in this run or the one after it", async () => {
  const running = sideBySide("nonsense", ["one", "two"], 1, () => undefined);
  process.emit("SIGTERM", "SIGTERM");
  const notBegun = { succeeded: false, error: "was not begun: the run was cancelled" };
  expect(await running).toEqual([
    { stack: "one", succeeded: false, error: "its process ended with SIGTERM" },
    { stack: "two", ...notBegun },
  ]);
  expect(await sideBySide("nonsense", ["three"], 1, () => undefined)).toEqual([{ stack: "three", ...notBegun }]);
}, 60_000);
