import * as pulumi from "@pulumi/pulumi";
import { AgenticService, type AgenticServiceArgs } from "../../../components";

const args: AgenticServiceArgs = {
  namespace: "shop",
  image: "registry.example.com/catalog:1",
  contract: {
    name: "catalog",
    version: "1.0.0",
    capabilities: ["search"],
    owns: [],
    publishes: [],
    consumes: [],
    dependencies: [],
  },
};

beforeAll(() =>
  pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
    call: () => ({}),
  }),
);

test("every problem of the arguments is reported, each with its path", () => {
  const wrong: AgenticServiceArgs = {
    ...args,
    contract: { ...args.contract, version: "one" },
    port: 0,
    replicas: { min: 1, max: 100_000 },
    autoscaling: { cpuPercent: 0, memoryPercent: 101 },
    breaker: { consecutiveFailures: 0, ejectionSeconds: 0.5 },
    rolloutSeconds: 0,
  };
  const make = () => new AgenticService("catalog", wrong);
  expect(make).toThrow(pulumi.InputPropertiesError);
  const paths = (() => {
    try {
      make();
    } catch (error) {
      if (pulumi.InputPropertiesError.isInstance(error)) return error.errors.map(({ propertyPath }) => propertyPath);
    }
    return [];
  })();
  expect(paths).toEqual([
    "contract.version",
    "port",
    "rolloutSeconds",
    "replicas.min",
    "replicas.max",
    "autoscaling.cpuPercent",
    "autoscaling.memoryPercent",
    "breaker.consecutiveFailures",
    "breaker.ejectionSeconds",
  ]);
});

test("more replicas at least than at most is refused", () => {
  expect(() => new AgenticService("catalog", { ...args, replicas: { min: 5, max: 3 } })).toThrow("replicas.min: is 5");
});

test("its host is its fully qualified name", async () => {
  const { host } = new AgenticService("catalog", args);
  expect(await new Promise((resolve) => host.apply(resolve))).toBe("catalog.shop.svc.cluster.local");
});
