import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { drained, readmitted } from "../../../rehearsal/engine/drained";

const production = readFileSync(join(__dirname, "../../../Pulumi.prod.yaml"), "utf8");
const names = ["us-east", "eu-west", "ap-south", "ap-north"];

const outOf = (text: string): unknown =>
  (parse(text) as { config: Record<string, { drained?: unknown }> }).config["omega:edge"]?.drained;
const lines = (text: string) => text.split("\n");
const added = (before: string, after: string) => lines(after).filter((line) => !lines(before).includes(line));

test("a line is added to the production file, changed for the next region, and taken away again", () => {
  const one = drained(production, "prod", "ap-south");
  expect(added(production, one)).toEqual(["    drained: [ap-south]"]);
  expect(lines(one)).toHaveLength(lines(production).length + 1);
  const two = drained(one, "prod", "eu-west");
  expect(added(one, two)).toEqual(["    drained: [ap-south, eu-west]"]);
  expect(readmitted(readmitted(two, "prod", "ap-south"), "prod", "eu-west")).toBe(production);
});

const file = (edge: string) =>
  [
    "# ours",
    "config:",
    edge,
    `  omega:regions: [${names.map((name) => `{ name: ${name} }`).join(", ")}] # four`,
    "",
  ].join("\n");

test.each([
  ["a block list with comments", "  omega:edge:\n    drained: # why\n      - us-east # flood\n    plan: pro # cheap"],
  ["a list in one line with a comment", "  omega:edge:\n    plan: pro\n    drained: [us-east] # flood"],
  ["an empty list", "  omega:edge:\n    drained: []\n    plan: pro"],
  ["an edge in one line", "  omega:edge: { plan: pro, drained: [us-east] }"],
  ["an edge in one line without it", "  omega:edge: { plan: pro }"],
])("keeps what is around %s", (_, edge) => {
  const before = file(edge);
  const known = (outOf(before) ?? []) as string[];
  const after = drained(before, "prod", "ap-north");
  expect(outOf(after)).toEqual([...known, "ap-north"]);
  const comments = (text: string) => text.match(/#.*/g);
  expect(comments(after)).toEqual(comments(before));
  const back = readmitted(after, "prod", "ap-north");
  expect(outOf(back) ?? []).toEqual(known);
  expect(added(before, back).filter((line) => !line.includes("drained"))).toEqual([]);
});

test("the only one of a block list takes its key along", () => {
  const before = file("  omega:edge:\n    drained:\n      - us-east\n    plan: pro");
  expect(readmitted(before, "prod", "us-east")).toBe(file("  omega:edge:\n    plan: pro"));
});

test("refuses an unknown region, one that is out or in already, and the last one", () => {
  expect(() => drained(production, "prod", "us-west")).toThrow(
    '"us-west" is no region of prod: REGION=<us-east, eu-west, ap-south, ap-north>',
  );
  const one = drained(production, "prod", "ap-south");
  expect(() => drained(one, "prod", "ap-south")).toThrow("ap-south is out of traffic already");
  expect(() => readmitted(one, "prod", "us-east")).toThrow("us-east is not out of traffic");
  const three = ["us-east", "eu-west"].reduce((text, region) => drained(text, "prod", region), one);
  expect(() => drained(three, "prod", "ap-north")).toThrow("ap-north is the last region that gets requests");
  expect(() => drained("config: {}", "dev", "us-east")).toThrow("Pulumi.dev.yaml has no omega:edge");
});
