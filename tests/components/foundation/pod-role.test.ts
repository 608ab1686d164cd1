import * as pulumi from "@pulumi/pulumi";
import { PodRole, type PodRoleArgs } from "../../../components";

const args: PodRoleArgs = {
  clusterName: "us-east",
  namespace: "shop",
  serviceAccount: "cart",
  statements: [
    {
      actions: ["kafka-cluster:Connect"],
      resources: [pulumi.output("arn:aws:kafka:us-east-1:123456789012:cluster/omega")],
    },
  ],
};

const made: Record<string, Record<string, unknown>> = {};

beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ name, type, inputs }) => {
      made[type] = inputs as Record<string, unknown>;
      return { id: name, state: { ...inputs, name, arn: `arn:aws:iam::123456789012:role/${name}` } };
    },
    call: () => ({}),
  }),
);

test("the pods of one ServiceAccount may do what the statements say, and nobody else takes the role on", async () => {
  const role = new PodRole("cart", args);
  await pulumi.runtime.disconnect();
  expect(await new Promise((resolve) => role.roleArn.apply(resolve))).toBe("arn:aws:iam::123456789012:role/cart-role");
  expect(JSON.parse(String(made["aws:iam/rolePolicy:RolePolicy"]?.policy))).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["kafka-cluster:Connect"],
        Resource: ["arn:aws:kafka:us-east-1:123456789012:cluster/omega"],
      },
    ],
  });
  expect(JSON.parse(String(made["aws:iam/role:Role"]?.assumeRolePolicy))).toMatchObject({
    Statement: [{ Principal: { Service: "pods.eks.amazonaws.com" } }],
  });
  expect(made["aws:eks/podIdentityAssociation:PodIdentityAssociation"]).toMatchObject({
    clusterName: "us-east",
    namespace: "shop",
    serviceAccount: "cart",
  });
});

test("nothing, everything and no resource are refused together", () => {
  expect(() => new PodRole("cart", { ...args, statements: [] })).toThrow("statements: must have one at least");
  const wrong = { actions: ["kafka-cluster:*"], resources: [] };
  expect(() => new PodRole("cart", { ...args, statements: [wrong] })).toThrow(
    /statements\[0\]\.resources: must name one at least; statements\[0\]\.actions: "kafka-cluster:\*" must be one action/,
  );
});
