import * as aws from "@pulumi/aws";
import { planProgram } from "../../../rehearsal/engine/plan";

const config = { "pulumi:disable-default-providers": ["aws"] };
const plan = (options: () => { provider?: aws.Provider }) =>
  planProgram(
    () => {
      const given = options();
      new aws.s3.Bucket("logs", {}, given);
      new aws.iam.Role("writer", { assumeRolePolicy: "{}" }, given);
      return Promise.resolve({});
    },
    "dev",
    { config, secrets: [] },
  );

test("resources without a provider are refused where the engine would, all of them at once", async () => {
  await expect(plan(() => ({}))).rejects.toThrow(
    "Bucket logs: has no aws provider, and the default one is disabled\n" +
      "Role writer: has no aws provider, and the default one is disabled",
  );
});

test("resources with one are planned", async () => {
  const { resources } = await plan(() => ({ provider: new aws.Provider("own", { region: "eu-west-1" }) }));
  expect(resources.map(({ name }) => name)).toEqual(expect.arrayContaining(["logs", "writer"]));
});
