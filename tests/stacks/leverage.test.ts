import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Plan, planProgram } from "../../rehearsal/engine/plan";
import { configurationLines, readStackFile, stackNames } from "../../rehearsal/engine/stack-file";
import { projectRoot } from "../../rehearsal/paths";
import { readConfiguration } from "../../stacks/config";
import { gatewayAddresses } from "../../stacks/global";
import { buildPlatform } from "../../stacks/platform";
import { previousLayout } from "../../stacks/previous";
import { compare } from "./engine-swaps";
import { planned } from "./planned";

jest.setTimeout(300_000);

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** The stack files with lines added, each below the line that begins its list. */
class StackFiles {
  readonly folder = mkdtempSync(join(tmpdir(), "leverage-"));
  /** Lines that were added, to whatever file. */
  lines = 0;

  constructor() {
    folders.push(this.folder);
    for (const stack of stackNames(projectRoot)) this.write(stack, this.read(stack, projectRoot));
  }

  private read(stack: string, folder = this.folder): string {
    return readFileSync(join(folder, `Pulumi.${stack}.yaml`), "utf8");
  }

  write(stack: string, text: string): void {
    writeFileSync(join(this.folder, `Pulumi.${stack}.yaml`), text);
  }

  add(stack: string, below: string, ...lines: string[]): this {
    const all = this.read(stack).split("\n");
    const at = all.indexOf(below);
    if (at < 0) throw new Error(`Pulumi.${stack}.yaml has no line ${below}`);
    this.write(stack, [...all.slice(0, at + 1), ...lines, ...all.slice(at + 1)].join("\n"));
    this.lines += lines.length;
    return this;
  }

  change(stack: string, from: string, to: string): this {
    const text = this.read(stack);
    if (!text.includes(from)) throw new Error(`Pulumi.${stack}.yaml has no ${from}`);
    this.write(stack, text.replace(from, to));
    this.lines += 1;
    return this;
  }

  create(stack: string, ...lines: string[]): this {
    this.write(stack, ["config:", ...lines].join("\n"));
    this.lines += lines.length;
    return this;
  }

  plan(stack: string): Promise<Plan> {
    const program = async () => {
      const configuration = readConfiguration(this.folder, await previousLayout());
      return { ...buildPlatform(configuration, await gatewayAddresses(configuration)) };
    };
    return planProgram(program, stack, readStackFile(this.folder, stack), false);
  }
}

/** Without components, which are nothing but names. */
const isMade = ({ type }: { type: string }) => !type.startsWith("omega:") && !type.startsWith("pulumi:");

const service = [
  "    - name: wishes",
  "      version: 1.0.0",
  "      image: registry.example.com/shop/wishes:1.0.0",
  "      capabilities: [wish-lists]",
  "      owns: [wishes]",
  "      consumes: [product.*]",
  "      replicas: { min: 2, max: 4 }",
  "      dependencies: [{ service: catalog, idempotent: true }]",
  "      routes: [{ path: /wishes }]",
];
const entity = [
  "    - name: coupon",
  "      owner: catalog",
  "      keyspace: shop",
  "      schemas:",
  "        - { type: object, properties: { code: { type: string, maxLength: 40 } }, required: [code] }",
  "      hooks: [{ kind: audit }]",
];
const tenant = "    - { id: initech, tier: pro, dataRegion: us-east, customDomains: [shop.initech.net] }";

/** So many resources are made, components not counted, and so many that are there learn of it. */
test.each<[kind: string, below: string, lines: string[], made: number, updated: number]>([
  ["service", "  omega:services:", service, 18, 10],
  ["topic", "    topics:", ["      - { name: returns, events: [return.*] }"], 1, 0],
  ["tenant", "  omega:tenants:", [tenant], 4, 0],
  ["flag", "  omega:flags:", ["    gift-wrapping: { rollout: [{ variant: on, percent: 10 }] }"], 0, 1],
  ["entity", "  omega:entities:", entity, 5, 11],
])("a %s is a few lines", async (_, below, lines, made, updated) => {
  const files = new StackFiles().add("dev", below, ...lines);
  const { added, removed, changed } = compare(await planned("dev", {}, false), await files.plan("dev"));
  expect(files.lines).toBe(lines.length);
  expect({ removed, made: added.filter(isMade).length, updated: changed.length }).toEqual({
    removed: [],
    made,
    updated,
  });
});

test("a region is a file of three lines, and what only it knows: its place, its turn, its neighbours", async () => {
  const location = "location: { latitude: -23.5, longitude: -46.6 }";
  const files = new StackFiles()
    .create("prod-sa-east", "  omega:inherits: prod", "  omega:scope: region", "  omega:region: sa-east")
    .add("prod", "  omega:regions:", `    - { name: sa-east, aws: sa-east-1, cidrBlock: 10.4.0.0/16, ${location} }`)
    .change("prod", "failoverOrder: [", "failoverOrder: [sa-east, ")
    .add(
      "prod",
      "    regions:",
      "      - region: sa-east",
      "        msk:",
      "          clusterArn: arn:aws:kafka:sa-east-1:000000000000:cluster/events/00000000-0000-0000-0000-000000000000-5",
      "          subnetIds: [subnet-5000000000000000a, subnet-5000000000000000b, subnet-5000000000000000c]",
      "          securityGroupIds: [sg-50000000000000000]",
    );
  expect(files.lines).toBe(10);
  const alike = (await planned("prod-eu-west", {}, false)).resources.filter(isMade);
  const region = (await files.plan("prod-sa-east")).resources.filter(isMade);
  // And what copies topics between one more region and the others.
  expect(region.length).toBeGreaterThanOrEqual(alike.length);
  expect(region.length / files.lines).toBeGreaterThan(50);
  const { added, removed } = compare(await planned("prod", {}, false), await files.plan("prod"));
  expect(removed).toEqual([]);
  expect(added.length).toBeGreaterThan(0);
});

test("lines are counted without empty ones and comments, one's own and those that are inherited", () => {
  const files = new StackFiles().create("prod-sa-east", "  # No line.", "", "  omega:inherits: prod");
  const { own, inherited } = configurationLines(files.folder, "prod-sa-east");
  expect(own).toBe(1);
  expect(inherited).toBe(configurationLines(files.folder, "prod").own);
});
