import { readStackFile, stackNames } from "../../rehearsal/engine/stack-file";
import { projectRoot } from "../../rehearsal/paths";
import { problemReport, upgradeProblems } from "../../rehearsal/upgrades/compare";
import {
  type ListedResource,
  listedStacks,
  listOf,
  parsed,
  readList,
  written,
} from "../../rehearsal/upgrades/urn-list";
import { planned } from "../stacks/planned";

const stacks = listedStacks();

test.each(stacks)("an update of a %s that is as listed deletes and replaces nothing", async (stack) => {
  const problems = upgradeProblems(readList(stack), listOf(await planned(stack, {}, false)));
  expect(problemReport(stack, problems)).toBe("");
});

test("every stack is listed, or one that inherits the same", () => {
  const inherited = (stack: string): string =>
    JSON.stringify(readStackFile(projectRoot, stack).config["omega:inherits"] ?? null);
  const families = stacks.map(inherited).filter((each) => each !== "null");
  const unguarded = stackNames(projectRoot).filter(
    (stack) => !stacks.includes(stack) && !families.includes(inherited(stack)),
  );
  expect(unguarded).toEqual([]);
});

test.each(stacks)("the list of %s says no secret", async (stack) => {
  const { resources } = await planned(stack, {}, false);
  const secrets = resources.flatMap(({ engineUrn, secretProperties }) =>
    secretProperties.map((property) => [engineUrn, property] as const),
  );
  const listed = new Map(readList(stack).map(({ urn, immutable }) => [urn, Object.keys(immutable)]));
  const told = secrets.filter(([urn, property]) => listed.get(urn)?.some((path) => path.split(".")[0] === property));
  expect(told).toEqual([]);
});

test("what is written is what is read", async () => {
  const list = listOf(await planned("dev", {}, false));
  expect(parsed(written("dev", list))).toEqual(list);
});

/** Production's regions, one of them in another block. */
function withBlock(name: string, cidrBlock: string): unknown[] {
  const regions = readStackFile(projectRoot, "prod").config["omega:regions"];
  if (!Array.isArray(regions)) throw new Error("Pulumi.prod.yaml has no regions");
  return regions.map((region: { name: string }) => (region.name === name ? { ...region, cidrBlock } : region));
}

/** The committed list of dev with one resource made another one. */
function mutated(end: string, change: (resource: ListedResource) => ListedResource | undefined): ListedResource[] {
  let found = 0;
  const list = readList("dev").flatMap((each) => {
    if (!each.urn.endsWith(end)) return [each];
    found++;
    return change(each) ?? [];
  });
  expect(found).toBe(1);
  return list;
}

const renamed = (resource: ListedResource, formerUrns: string[] = []): ListedResource => ({
  ...resource,
  urn: `${resource.urn}-2`,
  formerUrns,
});
const told = (problems: ReturnType<typeof upgradeProblems>) =>
  problems.map(({ kind, urn, detail }) => `${kind} ${urn.split("::").at(-1)}: ${detail.replace(/urn:\S+::/, "")}`);

test("a resource that vanishes is told", () => {
  expect(
    told(
      upgradeProblems(
        readList("dev"),
        mutated("Kafka::events-kafka", () => undefined),
      ),
    ),
  ).toEqual(["deleted events-kafka: nothing of its type is new"]);
});

test("a rename is told with what it needs; with an alias, only that it isn't listed", () => {
  const without = mutated("Kafka::events-kafka", (each) => renamed(each));
  expect(told(upgradeProblems(readList("dev"), without))).toEqual([
    "deleted events-kafka: renamed to events-kafka-2? It needs an alias then",
    "not listed events-kafka-2: the next upgrade couldn't miss it",
  ]);
  const aliased = mutated("Kafka::events-kafka", (each) => renamed(each, [each.urn]));
  expect(told(upgradeProblems(readList("dev"), aliased))).toEqual([
    "not listed events-kafka-2: the next upgrade couldn't miss it",
  ]);
});

test("an alias that states may still need is missed", () => {
  const before = mutated("Kafka::events-kafka", (each) => renamed(each, [each.urn]));
  const after = mutated("Kafka::events-kafka", (each) => renamed(each));
  expect(told(upgradeProblems(before, after))).toEqual([
    "alias lost events-kafka-2: older states have it as events-kafka",
  ]);
});

test("a changed input that forces a replacement is told with both values", () => {
  const moved = mutated("Kafka::events-kafka", (each) => ({
    ...each,
    immutable: { ...each.immutable, "metadata.namespace": '"elsewhere"' },
  }));
  expect(told(upgradeProblems(readList("dev"), moved))).toEqual([
    'replaced events-kafka: metadata.namespace: "kafka" → "elsewhere"',
  ]);
});

test("the report says what to do", () => {
  const report = problemReport("dev", upgradeProblems(readList("dev"), []));
  expect(report).toContain("tests/upgrades/dev.urns.txt");
  expect(report).toContain("npm run urns");
  expect(report).toContain("alias");
});

/** Changes of the stack file, with what an update of dev, or of a region, would replace or delete for it. */
test.each<[string, string, Record<string, unknown>, string[]]>([
  [
    "dev",
    "the namespace of the services",
    { "omega:namespace": "store" },
    ["deleted shop-namespace", "replaced cart-deployment"],
  ],
  [
    "prod-us-east",
    "the block of the network",
    { "omega:regions": withBlock("us-east", "10.9.0.0/16") },
    ["replaced us-east-vpc", "replaced us-east-data-0"],
  ],
])("in %s, %s is no change in place", async (stack, _, change, expected) => {
  const problems = upgradeProblems(readList(stack), listOf(await planned(stack, change, false)));
  const short = problems.map(({ kind, urn }) => `${kind} ${urn.split("::").at(-1)}`);
  expect(short).toEqual(expect.arrayContaining(expected));
});
