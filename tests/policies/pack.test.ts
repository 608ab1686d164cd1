import { unknownCheckingProxy } from "@pulumi/policy";
import { crossGuard } from "../../policies/pack";
import { policies, type ResourceUnderTest } from "../../policies/rules";
import { compliant, mutant } from "./fixture";

/** A resource as the engine sends it; the pack uses no more than its type, name, URN and properties. */
function delivered(resource: ResourceUnderTest) {
  return {
    ...resource,
    props: unknownCheckingProxy(resource.props),
    opts: {
      protect: resource.isProtected ?? false,
      ignoreChanges: [],
      aliases: [],
      customTimeouts: { createSeconds: 0, updateSeconds: 0, deleteSeconds: 0 },
      additionalSecretOutputs: [],
    },
    dependencies: [],
    propertyDependencies: {},
    isType: jest.fn(),
    asType: jest.fn(),
  };
}

function notApplicable(): never {
  throw new Error("no policy declares itself not applicable");
}

/** Calls the pack as the engine does: each resource on its own, then all together. */
async function run(
  stack: readonly ResourceUnderTest[],
  config: object = {},
): Promise<[message: string, urn?: string][]> {
  const reported: [string, string?][] = [];
  const report = (message: string, urn?: string): void =>
    void reported.push(urn === undefined ? [message] : [message, urn]);
  const shared = { stackTags: new Map(), getConfig: jest.fn().mockReturnValue(config), notApplicable };
  const resources = stack.map(delivered);
  for (const policy of policies.map(crossGuard)) {
    if ("validateResource" in policy && typeof policy.validateResource === "function") {
      for (const resource of resources) {
        await policy.validateResource({ ...resource, ...shared }, report);
      }
    }
    if ("validateStack" in policy) {
      await policy.validateStack({ resources, ...shared }, report);
    }
  }
  return reported;
}

test("all policies are mandatory and carry what the console shows", () => {
  for (const policy of policies.map(crossGuard)) {
    expect(policy).toMatchObject({
      enforcementLevel: "mandatory",
      severity: expect.any(String),
      url: expect.any(String),
    });
    expect(policy.configSchema?.properties).toHaveProperty("exemptions");
  }
});

test("the compliant stack passes", async () => {
  expect(await run(compliant)).toEqual([]);
});

test.each([
  ["a resource rule", "Deployment/catalog", "spec.template.spec.containers[0].startupProbe", undefined],
  ["a stack rule", "StatefulSet/orders", "spec.replicas", undefined],
])("%s reports on the resource's URN, past an unknown", async (_, target, path, value) => {
  const stack = mutant(target, "metadata.uid", "3eeb2bf0-c639-47a8-9e75-3b44932eb421", mutant(target, path, value));
  const urn = stack.find(({ type, name }) => target === `${type.split(":").at(-1)}/${name}`)?.urn;
  expect(await run(stack)).toEqual([[expect.stringContaining(path), urn]]);
});

test("whether the engine protects a resource is known", async () => {
  const open = compliant.map((each) => (each.name === "orders-store" ? { ...each, isProtected: false } : each));
  expect(await run(open)).toEqual([
    [expect.stringContaining("options.protect"), expect.stringContaining("orders-store")],
  ]);
});

test("an invalid configuration stops the run", async () => {
  await expect(run(compliant, { minReplica: 3 })).rejects.toThrow("minReplica is not a setting");
});
