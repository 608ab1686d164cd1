import * as pulumi from "@pulumi/pulumi";
import { TopicRight } from "../../../components/events/event-plan";
import { clientStatements } from "../../../components/events/msk/access";
import { operatorPatterns, operatorPlan } from "../../../components/events/operator/rights";
import { aclsOf } from "../../../components/events/strimzi/client";
import { plan, topics } from "./fixture";

const subscriptions = plan.clients.flatMap((client) => client.subscriptions);
const operator = operatorPlan(subscriptions);
const cluster = "arn:aws:kafka:eu-west-1:123456789012:cluster/events/1";
const known = <Value>(value: pulumi.Input<Value>): Promise<Value> =>
  (pulumi.output(value) as unknown as { promise(): Promise<Value> }).promise();

test("ACLs name each subscription's dead letters, first retry and group, and nothing else", () => {
  expect(subscriptions.length).toBeGreaterThan(1);
  const rights = aclsOf(operator).flatMap(({ resource, operations }) =>
    operations.map((operation) => `${operation} ${resource.type} ${resource.patternType} ${resource.name}`),
  );
  const expected = subscriptions.flatMap(({ deadLetterTopic, retryTopics, group }) => [
    ...["Describe", "Read", "Delete"].map((operation) => `${operation} topic literal ${deadLetterTopic}`),
    ...["Describe", "Write"].map((operation) => `${operation} topic literal ${retryTopics[0]?.topic}`),
    `Read group literal event-operator.${group}`,
    ...["Describe", "Delete"].map((operation) => `${operation} group literal ${group}`),
  ]);
  expect(rights.sort()).toEqual(expected.sort());
});

test("IAM's patterns reach what the ACLs name, no event topic and no second retry", async () => {
  const patterns = operatorPatterns(operator);
  const regex = (pattern: string) => new RegExp(`^${pattern.replaceAll(".", "[.]").replaceAll("*", ".*")}$`);
  const rightsTo = (name: string) =>
    patterns.topics.flatMap(({ topic, rights }) => (regex(topic).test(name) ? rights : []));
  for (const { topic, rights } of operator.topics) expect(rightsTo(topic)).toEqual(rights);
  for (const { name } of topics) expect(rightsTo(name)).toEqual([]);
  for (const { retryTopics } of subscriptions) {
    expect(retryTopics.map(({ topic }) => rightsTo(topic))).toEqual([[TopicRight.Publish], []]);
  }
  const reaches = (names: string[] = [], group: string) => names.some((pattern) => regex(pattern).test(group));
  for (const group of operator.groups) expect(reaches(patterns.groups, group)).toBe(true);
  for (const { group } of subscriptions) {
    expect([reaches(patterns.groups, group), reaches(patterns.managedGroups, group)]).toEqual([false, true]);
  }
  const arns = await Promise.all(
    clientStatements(cluster, patterns).flatMap(({ resources }) => resources.map((resource) => known(resource))),
  );
  expect(arns).toContain("arn:aws:kafka:eu-west-1:123456789012:topic/events/1/*.dead-letter");
  expect(arns.filter((arn) => arn.endsWith("/*"))).toEqual([]);
});
