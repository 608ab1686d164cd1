import fc from "fast-check";
import {
  type AutoscalingArgs,
  type ConsumerLag,
  horizontalPodAutoscalerSpec,
  scaledObjectSpec,
} from "../../../components/service/autoscaling";

const percent = fc.integer({ min: 1, max: 100 });
const anyArgs: fc.Arbitrary<AutoscalingArgs> = fc.record({
  name: fc.constantFrom("catalog", "order"),
  replicas: fc
    .tuple(fc.integer({ min: 2, max: 10_000 }), fc.integer({ min: 2, max: 10_000 }))
    .map(([left, right]) => ({ min: Math.min(left, right), max: Math.max(left, right) })),
  autoscaling: fc.record({ cpuPercent: percent, memoryPercent: percent }),
});
const topic = fc.stringMatching(/^[a-z]{1,8}\.[a-z]{1,8}$/);
const anyLag: fc.Arbitrary<ConsumerLag> = fc.record(
  {
    bootstrapServers: fc.constant("kafka.data:9093"),
    subscriptions: fc.uniqueArray(fc.record({ topic, group: topic }), {
      minLength: 1,
      maxLength: 5,
      selector: (subscription) => subscription.topic,
    }),
    messagesPerReplica: fc.integer({ min: 1, max: 1_000_000 }),
    authentication: fc.constant("kafka-credentials"),
    awsRegion: fc.constant("eu-west-1"),
  },
  { requiredKeys: ["bootstrapServers", "subscriptions"] },
);

interface Metric {
  resource: { name: string; target: { type: string; averageUtilization: number } };
}
interface Policy {
  type: "Percent" | "Pods";
  value: number;
  periodSeconds: number;
}

test("by lag or without it, a service has the same bounds and the same targets of CPU and memory", () => {
  fc.assert(
    fc.property(anyArgs, anyLag, (args, lag) => {
      const own = horizontalPodAutoscalerSpec(args);
      const scaledObject = scaledObjectSpec(args, lag);
      expect(own.scaleTargetRef).toMatchObject({ kind: "Deployment", ...scaledObject.scaleTargetRef });
      expect([own.minReplicas, own.maxReplicas]).toEqual([args.replicas.min, args.replicas.max]);
      expect([scaledObject.minReplicaCount, scaledObject.maxReplicaCount]).toEqual([own.minReplicas, own.maxReplicas]);
      const targets = (own.metrics as Metric[]).map(({ resource: { name, target } }) => [
        name,
        target.type,
        target.averageUtilization,
      ]);
      expect(targets).toEqual([
        ["cpu", "Utilization", args.autoscaling.cpuPercent],
        ["memory", "Utilization", args.autoscaling.memoryPercent],
      ]);
      const uses = scaledObject.triggers.filter(({ type }) => type !== "kafka");
      expect(uses.map(({ type, metricType, metadata }) => [type, metricType, Number(metadata.value)])).toEqual(targets);
      expect(scaledObject.advanced.horizontalPodAutoscalerConfig.behavior).toEqual(own.behavior);
    }),
  );
});

test("each topic is measured once, for the group that reads it, and with credentials if there are any", () => {
  fc.assert(
    fc.property(anyArgs, anyLag, (args, lag) => {
      const triggers = scaledObjectSpec(args, lag).triggers.filter(({ type }) => type === "kafka");
      const measured = triggers.map(({ metadata }) => ({ topic: metadata.topic, group: metadata.consumerGroup }));
      expect(measured).toEqual(lag.subscriptions);
      for (const { metadata, authenticationRef } of triggers) {
        expect([metadata.bootstrapServers, metadata.awsRegion]).toEqual([lag.bootstrapServers, lag.awsRegion]);
        expect(metadata.lagThreshold).toBe(String(lag.messagesPerReplica ?? 100));
        // Credentials never go over a connection that isn't encrypted.
        expect([authenticationRef?.name, metadata.tls === "enable"]).toEqual([
          lag.authentication,
          lag.authentication !== undefined,
        ]);
      }
    }),
  );
});

test("when the brokers don't answer, no replica is taken away and the bounds hold", () => {
  fc.assert(
    fc.property(anyArgs, anyLag, fc.nat(10_000), (args, lag, running) => {
      const { fallback, minReplicaCount, maxReplicaCount } = scaledObjectSpec(args, lag);
      const current = Math.min(Math.max(running, minReplicaCount), maxReplicaCount);
      const wanted =
        fallback.behavior === "currentReplicasIfHigher" ? Math.max(current, fallback.replicas) : fallback.replicas;
      expect(wanted).toBe(current);
    }),
  );
});

test("from any number of replicas the most that are allowed run within three minutes; taking away is slower", () => {
  fc.assert(
    fc.property(anyArgs, ({ replicas, ...args }) => {
      const { scaleUp, scaleDown } = horizontalPodAutoscalerSpec({ replicas, ...args }).behavior as Record<
        "scaleUp" | "scaleDown",
        { stabilizationWindowSeconds: number; selectPolicy: string; policies: Policy[] }
      >;
      expect([scaleUp.selectPolicy, scaleDown.selectPolicy]).toEqual(["Max", "Max"]);
      let [running, seconds] = [replicas.min, scaleUp.stabilizationWindowSeconds];
      // As the autoscaler does it: the policy that allows most, rounded up.
      while (running < replicas.max && seconds < 3600) {
        const next = scaleUp.policies.map(({ type, value }) =>
          type === "Pods" ? running + value : Math.ceil(running * (1 + value / 100)),
        );
        running = Math.min(replicas.max, Math.max(...next));
        seconds += Math.max(...scaleUp.policies.map(({ periodSeconds }) => periodSeconds));
      }
      expect(seconds).toBeLessThanOrEqual(180);
      const lost = scaleDown.policies.map(({ type, value, periodSeconds }) =>
        type === "Pods" ? Infinity : value / 100 / periodSeconds,
      );
      expect(Math.max(...lost) * 60).toBeLessThanOrEqual(0.1);
      expect(scaleDown.stabilizationWindowSeconds).toBeGreaterThan(seconds);
    }),
  );
});
