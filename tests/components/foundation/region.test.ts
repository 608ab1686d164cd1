import * as pulumi from "@pulumi/pulumi";
import * as fc from "fast-check";
import {
  AccessLevel,
  AccountGuards,
  Backups,
  Budget,
  Cluster,
  DataClass,
  DataKeys,
  Network,
} from "../../../components";
import { VpcEndpoints } from "../../../components";
import { planProgram } from "../../../rehearsal/engine/plan";

jest.setTimeout(120_000);

const planned = async (program: () => void, isPreview = false) =>
  (await planProgram(async () => program(), "test", { config: {}, secrets: [] }, isPreview)).resources;

const made = async (program: () => void) =>
  Object.fromEntries(
    (await planned(program)).map(({ type, name, props }) => [`${type.split(":").at(-1)} ${name}`, props]),
  );

const keyArn = "arn:aws:kms:us-east-1:123456789012:key/k";
const principal = "arn:aws:iam::123456789012:role/on-call";

test("the graph of a region's network, cluster and safeguards", async () => {
  const resources = await planned(() => {
    const keys = new DataKeys("data-keys", { aliasPrefix: "prod-us-east" });
    const network = new Network("us-east", {
      cidrBlock: "10.0.0.0/16",
      flowLogs: { keyArn: keys.keyArn(DataClass.Internal) },
    });
    new Cluster("us-east", {
      ...{ region: "us-east-1", clusterName: "prod-us-east", privateSubnetIds: network.privateSubnetIds },
      access: [{ principalArn: principal, level: AccessLevel.View, namespaces: ["shop"] }],
    });
    new Backups("backups", { vaultName: "prod-us-east", keyArn, tags: { stack: "prod" } });
    new Budget("budget", {
      budgetName: "prod-us-east",
      monthlyUsd: 100,
      tags: { "user:stack": "prod" },
      emails: ["a@b.example"],
    });
    new AccountGuards("account", { guardDuty: true, trail: { trailName: "prod-account", keyArn } });
  });
  expect(resources.map(({ urn }) => urn.split("::").slice(2).join("::")).sort()).toMatchSnapshot();
});

test("the cluster's log group is there before it, under the name that EKS writes to, and the principal has its scope", async () => {
  const access = [
    { principalArn: principal, level: AccessLevel.View, namespaces: ["shop"] },
    { principalArn: "arn:aws:iam::123456789012:role/admin", level: AccessLevel.Admin },
  ];
  const resources = await made(
    () =>
      new Cluster("eu-west", {
        region: "eu-west-1",
        privateSubnetIds: ["subnet-1", "subnet-2"],
        access,
        logs: { keyArn },
      }),
  );
  expect(resources["LogGroup eu-west-logs"]).toMatchObject({
    ...{ name: "/aws/eks/eu-west/cluster", retentionInDays: 90, kmsKeyId: keyArn },
  });
  expect(resources["Cluster eu-west-cluster"]).toMatchObject({
    ...{ name: "eu-west", deletionProtection: true, zonalShiftConfig: { enabled: true } },
  });
  const scope = (role: string) => resources[`AccessPolicyAssociation eu-west-access-role-${role}`];
  expect(scope("on-call")).toMatchObject({ accessScope: { type: "namespace", namespaces: ["shop"] } });
  expect(scope("admin")).toMatchObject({
    ...{ policyArn: "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy" },
    accessScope: { type: "cluster" },
  });
});

test("only the internal key lets CloudWatch Logs in, for this account and region alone", async () => {
  const resources = await made(() => new DataKeys("keys", { aliasPrefix: "prod" }));
  const sids = (dataClass: string): unknown[] => {
    const { Statement } = JSON.parse(String(resources[`Key keys-${dataClass}`]?.policy)) as {
      Statement: { Sid: string }[];
    };
    return Statement.map(({ Sid }) => Sid);
  };
  expect(sids("internal")).toEqual(["AccountByIam", "LogGroups"]);
  expect(sids("confidential")).toEqual(["AccountByIam"]);
  expect(sids("payment")).toEqual(["AccountByIam"]);
  expect(String(resources["Key keys-internal"]?.policy)).toContain("arn:aws:logs:us-east-1:123456789012:log-group:*");
  expect(resources["Alias keys-payment-alias"]).toMatchObject({ name: "alias/prod/payment" });
});

test("without interfaces S3's gateway alone is left", async () => {
  const resources = await made(
    () =>
      new VpcEndpoints("few", {
        vpcId: "vpc-1",
        cidrBlock: "10.0.0.0/16",
        subnetIds: [],
        routeTableIds: ["rtb-1"],
        interfaces: [],
      }),
  );
  expect(Object.keys(resources).filter((name) => name.startsWith("VpcEndpoint "))).toEqual(["VpcEndpoint few-s3"]);
  expect(Object.keys(resources).filter((name) => name.startsWith("SecurityGroup"))).toEqual([]);
});

describe("all that is wrong is said together", () => {
  beforeAll(() =>
    pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) }),
  );

  test.each<[string, () => unknown, RegExp]>([
    [
      "a cluster",
      () =>
        new Cluster("wrong", {
          ...{ region: "us-east-1", privateSubnetIds: [], clusterName: "a b", kubernetesVersion: "latest" },
          access: [
            { principalArn: "everybody", level: AccessLevel.Admin, namespaces: [] },
            { principalArn: principal, level: AccessLevel.View },
            { principalArn: principal, level: AccessLevel.Admin },
          ],
          logs: { retentionDays: 91 },
        }),
      /clusterName.*kubernetesVersion.*access\[0\]\.principalArn.*access\[0\]\.namespaces.*access\[2\]\.principalArn: is that of access\[1\].*logs\.retentionDays/,
    ],
    [
      "a network",
      () => new Network("wrong", { cidrBlock: "10.0.0.0/8", flowLogs: { retentionDays: 2 } }),
      /cidrBlock.*flowLogs\.retentionDays/,
    ],
    [
      "endpoints",
      () =>
        new VpcEndpoints("wrong", {
          vpcId: "v",
          cidrBlock: "c",
          subnetIds: [],
          routeTableIds: [],
          interfaces: ["s3", "A", "kms", "kms"],
        }),
      /interfaces\[0\].*interfaces\[1\].*interfaces\[3\].*subnetIds/,
    ],
    [
      "keys",
      () =>
        new DataKeys("wrong", {
          aliasPrefix: "aws",
          classes: [DataClass.Public, DataClass.Public],
          users: { payment: [] },
          rotationDays: 1,
        }),
      /classes.*users\.payment.*aliasPrefix.*rotationDays/,
    ],
    [
      "backups",
      () =>
        new Backups("wrong", {
          vaultName: "x",
          keyArn,
          tags: {},
          resources: [],
          retentionDays: 8,
          lockDays: 9,
          hour: 24,
          copy: { vaultArn: "", retentionDays: 1 },
        }),
      /vaultName.*tags.*resources.*lockDays.*from 1 to 8.*hour.*copy\.retentionDays/,
    ],
    [
      "a budget",
      () => new Budget("wrong", { budgetName: "a:b", monthlyUsd: 0.5, tags: { stack: "x" } }),
      /budgetName.*monthlyUsd.*tags\.stack.*emails/,
    ],
    [
      "a trail",
      () => new AccountGuards("wrong", { trail: { trailName: "-", keyArn, retentionDays: 30 } }),
      /trail\.trailName.*trail\.retentionDays/,
    ],
  ])("%s", (_, make, reasons) => {
    expect(make).toThrow(reasons);
  });

  test("no lock is longer than what it locks, whatever the days", () => {
    const make = (retentionDays: number, lockDays: number) =>
      new Backups(`b-${retentionDays}-${lockDays}`, {
        vaultName: "daily",
        keyArn,
        tags: { a: "b" },
        retentionDays,
        lockDays,
      });
    fc.assert(
      fc.property(fc.integer({ min: 7, max: 3650 }), fc.integer({ min: 1, max: 4000 }), (retentionDays, lockDays) => {
        if (lockDays <= retentionDays) expect(() => make(retentionDays, lockDays)).not.toThrow();
        else expect(() => make(retentionDays, lockDays)).toThrow("lockDays");
      }),
      { numRuns: 20 },
    );
  });
});
