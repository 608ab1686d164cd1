import fc from "fast-check";
import { EdgeLoadBalancer, type EdgeLoadBalancerArgs } from "../../../components/edge/edge-load-balancer";
import { CloudflarePlan, planLimits } from "../../../components/edge/plan";
import { regionProblems } from "../../../components/edge/region";
import { accountId, graph, made, ofType, plans, regions, zone } from "./fixture";

const args: EdgeLoadBalancerArgs = { accountId, zone, hosts: ["api.shop.example", "www.shop.example"], regions };
const balancer = (change: Partial<EdgeLoadBalancerArgs> = {}) => new EdgeLoadBalancer("edge", { ...args, ...change });

test.each([true, false])("what a balancer is made of; in preview: %s", async (isPreview) =>
  expect(graph(await made(() => void balancer(), isPreview))).toMatchSnapshot(),
);

test("a gateway is found by name or by address", async () => {
  const types = ofType(await made(() => void balancer()), "DnsRecord").map(({ props }) => [props.name, props.type]);
  expect(types).toEqual([
    ["origin-eu-west.shop.example", "A"],
    ["origin-us-east.shop.example", "CNAME"],
  ]);
});

test.each(plans)("%s: health is asked as often as the plan lets it be", async (plan) => {
  const monitors = ofType(await made(() => void balancer({ plan })), "LoadBalancerMonitor");
  expect(monitors.map(({ props }) => props.interval)).toEqual(regions.map(() => planLimits[plan].monitorSeconds));
});

test("a drained region is watched, and gets nothing", async () => {
  const drained = regions.map((region) => ({ ...region, isDrained: region.name === "us-east" }));
  const resources = await made(() => void balancer({ regions: drained }));
  expect(ofType(resources, "LoadBalancerPool").map(({ props }) => props.enabled)).toEqual([true, true]);
  const [first] = ofType(resources, "LoadBalancer");
  const [europe] = ofType(resources, "LoadBalancerPool").filter(({ name }) => name.includes("eu-west"));
  expect(europe).toBeDefined();
  expect(first?.props.defaultPools).toHaveLength(1);
  expect(first?.props.fallbackPool).toBe((first?.props.defaultPools as string[])[0]);
});

test("everything that is wrong is told at once", () => {
  const wrong: Partial<EdgeLoadBalancerArgs> = {
    healthPath: "healthz",
    hosts: ["api.other.example"],
    regions: [
      { ...regions[0], name: "us-east", latitude: 91, longitude: -200, address: "", isDrained: true, shedPercent: 60 },
      { name: "us-east", latitude: 0, longitude: 0, address: "", isDrained: true },
    ],
  };
  expect(() => balancer(wrong)).toThrow(
    'EdgeLoadBalancer "edge" has invalid arguments: regions[0].latitude: is 91, must be from -90 to 90; ' +
      "regions[0].longitude: is -200, must be from -180 to 180; " +
      'regions[1].name: "us-east" is taken by regions[0]; ' +
      "regions[0].shedPercent: is 60, must be a whole number from 0 to 50; " +
      "regions: are all drained: nobody would answer; " +
      "hosts[0]: api.other.example must be in the zone shop.example; " +
      'healthPath: "healthz" must begin with /',
  );
  expect(() => balancer({ regions: [], hosts: [] })).toThrow(
    /regions: must have one at least: nobody would answer; hosts: must have one at least/,
  );
});

test("regions on this earth have no problems", () =>
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.record({
          name: fc.stringMatching(/^[a-z]{1,10}$/),
          latitude: fc.double({ min: -90, max: 90, noNaN: true }),
          longitude: fc.double({ min: -180, max: 180, noNaN: true }),
        }),
        { selector: ({ name }) => name, minLength: 1 },
      ),
      (all) => regionProblems(all).length === 0,
    ),
  ));

test("the faster plan is never asked slower", () => {
  const order = [CloudflarePlan.Pro, CloudflarePlan.Business, CloudflarePlan.Enterprise];
  const seconds = order.map((plan) => planLimits[plan].monitorSeconds);
  expect([...seconds].sort((one, other) => other - one)).toEqual(seconds);
});
