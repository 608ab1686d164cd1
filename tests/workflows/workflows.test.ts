import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { projectRoot } from "../../rehearsal/paths";
import { catalog } from "../../rehearsal/toolchain/catalog";

const folder = join(projectRoot, ".github/workflows");
const files = readdirSync(folder);

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Workflow {
  permissions: Record<string, string>;
  jobs: Record<string, { strategy: { matrix: { stack: string[] } }; steps: Step[] }>;
}

/** Inputs that the actions have at the pinned versions, of those that are used here. */
const inputs: Record<string, string[]> = {
  "actions/checkout": [],
  "actions/setup-node": ["node-version", "cache"],
  "aws-actions/configure-aws-credentials": ["role-to-assume", "aws-region"],
  "pulumi/actions": [
    ...["pulumi-version", "command", "stack-name", "cloud-url", "policyPacks", "diff"],
    "comment-on-pr",
  ],
};

describe.each(files)("%s", (file) => {
  const { permissions, jobs } = parse(readFileSync(join(folder, file), "utf8")) as Workflow;
  const steps = Object.values(jobs).flatMap((job) => job.steps);

  test("runs for every stack that is deployed", () => {
    const stacks = readdirSync(projectRoot).flatMap((name) => /^Pulumi\.(prod.*)\.yaml$/.exec(name)?.[1] ?? []);
    for (const { strategy } of Object.values(jobs)) expect(strategy.matrix.stack.sort()).toEqual(stacks.sort());
  });

  test("uses actions at a commit, with inputs that they have", () => {
    for (const { uses, with: given = {} } of steps.filter((step) => step.uses !== undefined)) {
      const [, action = "", commit] = /^([^@]+)@([0-9a-f]{40})$/.exec(uses ?? "") ?? [];
      expect([uses, commit]).toEqual([uses, expect.any(String)]);
      expect(inputs[action]).toEqual(expect.arrayContaining(Object.keys(given)));
    }
  });

  test("has a token for AWS, no long-lived key, and no right to write to the repository", () => {
    expect(permissions).toMatchObject({ contents: "read", "id-token": "write" });
    expect(readFileSync(join(folder, file), "utf8")).not.toMatch(/AWS_SECRET_ACCESS_KEY|aws-secret-access-key/);
  });

  test("runs the engine that the rehearsal runs", () => {
    const versions = steps.flatMap((step) => step.with?.["pulumi-version"] ?? []);
    expect(versions).toEqual([catalog.pulumi.version]);
  });
});

test("a pull request is held to the pack; drift changes nothing and expects nothing to change", () => {
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  expect(read("preview.yml")).toMatch(/policyPacks: policies/);
  expect(read("drift.yml")).toMatch(/pulumi preview .*--refresh --expect-no-changes/);
  expect(`${read("preview.yml")}${read("drift.yml")}`).not.toMatch(
    /command: (up|update|refresh|destroy)|pulumi (up|refresh|destroy)/,
  );
});
