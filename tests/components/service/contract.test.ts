import { Bulkhead } from "../../../components";
import { contractAnnotations, contractProblems, healthPaths } from "../../../components/service/contract";

const contract = {
  name: "order",
  version: "2.1.0",
  capabilities: ["create-order", "track-fulfillment"],
  owns: ["orders"],
  publishes: ["order.*"],
  consumes: [],
  dependencies: [{ service: "payment", bulkhead: Bulkhead.Critical }],
};

test("a sound contract has no problems", () => expect(contractProblems(contract)).toEqual([]));

test.each([
  [{ name: "Order" }, "contract.name"],
  [{ version: "2" }, "contract.version"],
  [{ capabilities: [] }, "contract.capabilities"],
  [{ dependencies: [{ service: "order", bulkhead: Bulkhead.Standard }] }, "contract.dependencies[0].service"],
  [{ health: { intervalSeconds: 0 } }, "contract.health.intervalSeconds"],
  [{ health: { readinessPath: "ready" } }, "contract.health.readinessPath"],
])("%j is refused at %s", (change, path) => {
  expect(contractProblems({ ...contract, ...change }).map((problem) => problem.path)).toEqual([path]);
});

test("it is published as annotations, without empty lists", () => {
  expect(contractAnnotations(contract)).toEqual({
    "omega-platform/contract-version": "2.1.0",
    "omega-platform/health": "/health/ready",
    "omega-platform/metrics": "/metrics",
    "omega-platform/capabilities": "create-order,track-fulfillment",
    "omega-platform/owns": "orders",
    "omega-platform/publishes": "order.*",
    "omega-platform/dependencies": "payment:critical",
  });
});

test("health is checked every 5 s by default", () => expect(healthPaths(contract).intervalSeconds).toBe(5));
