import { provideTools } from "../../../rehearsal/toolchain";
import { TestRehearsal } from "../support";

jest.setTimeout(600_000);

const rehearsal = new TestRehearsal();
const kubectl = (command: string, input?: object) => rehearsal.kubectl(command, input);

const declared = (kind: string, name: string, spec: object) => ({
  apiVersion: "kafka.strimzi.io/v1",
  kind,
  metadata: { name, namespace: "default", labels: { "strimzi.io/cluster": "omega" } },
  spec,
});
const listener = { name: "client", port: 9093, type: "internal", tls: true };
const topic = declared("KafkaTopic", "orders", { partitions: 6, replicas: 3 });
const objects = [
  declared("Kafka", "omega", { kafka: { listeners: [listener] } }),
  topic,
  declared("KafkaUser", "order-service", { authentication: { type: "scram-sha-512" } }),
];

beforeAll(async () => {
  const tools = await provideTools(["strimzi-crds"]);
  await rehearsal.startClusters(["one"], [tools["strimzi-crds"]]);
  for (const object of objects) kubectl("apply --filename=-", object);
});

afterAll(() => rehearsal.remove());

test.each(["kafka/omega", "kafkatopic/orders", "kafkauser/order-service"])(
  "%s becomes ready as if Strimzi's operators ran, fails on demand and recovers",
  (object) => {
    kubectl(`wait ${object} --for=condition=Ready --timeout=30s`);
    kubectl(`annotate ${object} rehearsal.omega.dev/fail=quota`);
    kubectl(`wait ${object} --for=condition=Ready=false --timeout=30s`);
    expect(kubectl(`get ${object} -o jsonpath={.status.conditions[*].message}`)).toBe("quota");
    kubectl(`annotate ${object} rehearsal.omega.dev/fail-`);
    kubectl(`wait ${object} --for=condition=Ready --timeout=30s`);
  },
);

test("readiness follows a change", () => {
  kubectl("apply --filename=-", { ...topic, spec: { partitions: 12, replicas: 3 } });
  kubectl("wait kafkatopic/orders --for=jsonpath={.status.observedGeneration}=2 --timeout=30s");
});

test("what Strimzi's definitions forbid is refused", () => {
  const refused = (object: object) => () => kubectl("apply --filename=-", object);
  expect(refused(declared("KafkaTopic", "none", { partitions: 0, replicas: 3 }))).toThrow("spec.partitions");
  expect(refused(declared("Kafka", "without", {}))).toThrow("spec.kafka");
});
