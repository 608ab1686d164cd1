import fc from "fast-check";
import * as pulumi from "@pulumi/pulumi";
import { type EventClientPlan, TopicRight } from "../../../components/events/event-plan";
import { clientStatements, observerStatements } from "../../../components/events/msk/access";
import { aclsOf } from "../../../components/events/strimzi/client";
import { mirrorAcls, readerAcls } from "../../../components/events/strimzi/mirror";

type Granted = Pick<EventClientPlan, "topics" | "groups">;

const anyName = fc.stringMatching(/^[a-z]{1,6}(\.[a-z]{1,6}){0,2}$/);
const anyGranted: fc.Arbitrary<Granted> = fc.record({
  topics: fc.uniqueArray(
    fc.record({
      topic: anyName,
      rights: fc.constantFrom(
        [TopicRight.Publish],
        [TopicRight.Consume],
        [TopicRight.Publish, TopicRight.Consume],
        [TopicRight.Consume, TopicRight.Publish],
      ),
    }),
    { selector: ({ topic }) => topic },
  ),
  groups: fc.uniqueArray(anyName),
});

const cluster = "arn:aws:kafka:eu-west-1:123456789012:cluster/events/11111111-1111-1111-1111-111111111111-2";
const known = <Value>(value: pulumi.Input<Value>): Promise<Value> =>
  (pulumi.output(value) as unknown as { promise(): Promise<Value> }).promise();

/** `<operation> <kind> <name>` of everything that was granted. */
const expected = ({ topics, groups }: Granted, read: string, write: string, describe: string, group: string[]) =>
  [
    ...topics.flatMap(({ topic, rights }) =>
      [describe, ...rights.map((right) => (right === TopicRight.Consume ? read : write))].map(
        (operation) => `${operation} topic ${topic}`,
      ),
    ),
    ...groups.flatMap((name) => group.map((operation) => `${operation} group ${name}`)),
  ].sort();

test("Kafka's ACLs say what was granted, by exact names, and nothing else", () => {
  fc.assert(
    fc.property(anyGranted, (granted) => {
      const acls = aclsOf(granted);
      for (const { resource } of acls) expect(resource.patternType).toBe("literal");
      const rights = acls.flatMap(({ resource, operations }) =>
        operations.map((operation) => `${operation} ${resource.type} ${resource.name}`),
      );
      expect(rights.sort()).toEqual(expected(granted, "Read", "Write", "Describe", ["Read"]));
    }),
  );
});

test("IAM's statements say the same of a cluster's topics and groups, and let the client in", async () => {
  await fc.assert(
    fc.asyncProperty(anyGranted, async (granted) => {
      const statements = clientStatements(cluster, granted);
      const rights = await Promise.all(
        statements.map(async ({ actions, resources }) => {
          const arns = await Promise.all(resources.map((resource) => known(resource)));
          expect(arns.length).toBeGreaterThan(0);
          return arns.flatMap((arn) => actions.map((action) => `${action.replace("kafka-cluster:", "")} ${arn}`));
        }),
      );
      const [connect = [], ...others] = [rights.flat().filter((right) => right.endsWith(cluster)), ...rights.flat()];
      const writes = granted.topics.some(({ rights: given }) => given.includes(TopicRight.Publish));
      expect(connect).toEqual([`Connect ${cluster}`, ...(writes ? [`WriteDataIdempotently ${cluster}`] : [])]);
      const named = others
        .filter((right) => !right.endsWith(cluster))
        .map((right) => right.replace(/arn:.*:(topic|group)\/events\/[\w-]+\//, "$1 "));
      const group = ["DescribeGroup", "AlterGroup"];
      expect(named.sort()).toEqual(expected(granted, "ReadData", "WriteData", "DescribeTopic", group));
    }),
  );
});

test("what asks for lags can read no message", () => {
  const actions = observerStatements(cluster).flatMap((statement) => statement.actions);
  expect(actions.filter((action) => !/:(Connect|Describe\w+)$/.test(action))).toEqual([]);
});

test("a mirror writes copies and topics of its own alone, and others only read what is copied", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}(-[a-z]{1,6})?$/)),
      fc.uniqueArray(anyName),
      (regions, topics) => {
        const prefixes = mirrorAcls(regions).flatMap(({ resource }) =>
          resource.type === "topic" ? [resource.name] : [],
        );
        expect(prefixes).toEqual(["_mirror-", "mm2-offset-syncs.", ...regions.map((region) => `${region}.`)]);
        const reads = readerAcls(topics, ["shipping.orders"]);
        expect(reads.map(({ resource }) => resource.name)).toEqual([...topics, "shipping.orders"]);
        const allowed = new Set(reads.flatMap(({ operations }) => operations));
        for (const operation of allowed) expect(["Describe", "DescribeConfigs", "Read"]).toContain(operation);
      },
    ),
  );
});
