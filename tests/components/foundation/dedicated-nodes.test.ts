import { DedicatedNodes, dedicatedPlacement } from "../../../components";
import { planProgram } from "../../../rehearsal/engine/plan";

async function nodePool(args: ConstructorParameters<typeof DedicatedNodes>[1]) {
  const program = () => {
    new DedicatedNodes("shop-payment", args);
    return Promise.resolve({});
  };
  const { resources } = await planProgram(program, "test", { config: {}, secrets: [] }, false);
  return resources.find(({ type }) => type.endsWith(":NodePool"))?.props;
}

test("its nodes have the label that the service's pods select, and the taint that they alone tolerate", async () => {
  const { nodeSelector, tolerations } = dedicatedPlacement("payment");
  const [toleration] = tolerations;
  expect(await nodePool({ service: "payment" })).toMatchObject({
    metadata: { name: "payment" },
    spec: {
      template: {
        metadata: { labels: nodeSelector },
        spec: { taints: [{ key: toleration?.key, value: toleration?.value, effect: toleration?.effect }] },
      },
      limits: { cpu: "64" },
    },
  });
});

test("a pool of Auto Mode's own and a bound out of range are refused together", async () => {
  await expect(nodePool({ service: "system", cpuLimit: 1 })).rejects.toThrow(
    /service: "system" names a node pool of EKS Auto Mode's own; cpuLimit: is 1/,
  );
});
