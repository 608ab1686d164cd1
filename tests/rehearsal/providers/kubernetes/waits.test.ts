import { isMet, parseExpectation } from "../../../../rehearsal/providers/kubernetes/jsonpath";
import { meetsCondition, podMessages, readiness } from "../../../../rehearsal/providers/kubernetes/readiness";
import type { Properties } from "../../../../rehearsal/providers/stand-in";

const object = {
  metadata: { generation: 2 },
  status: {
    phase: "Ready",
    "a.b": 1,
    replicas: 0,
    conditions: [
      { type: "Synced", status: "False" },
      { type: "Ready", status: "True", observedGeneration: 2 },
    ],
    ingress: [{ ip: "1.2.3.4" }],
  },
};

test.each([
  ["{.status.phase}=Ready", true],
  ["{$.status.phase}=Other", false],
  ["{.status.ingress[0].ip}", true],
  ["{.status.ingress[*].ip}=1.2.3.4", true],
  ["{.status.ingress[1].ip}", false],
  ['{.status.conditions[?(@.type=="Ready")].status}=True', true],
  ["{.status.conditions[?(@.type=='Synced')].status}=True", false],
  ["{.status['a.b']}=1", true],
  ["{.status.replicas}=0", true],
  ["{.status.missing}", false],
])("waitFor jsonpath=%s is %s", (text, expected) => {
  expect(isMet(parseExpectation(text), object)).toBe(expected);
});

test.each([".status.phase=Ready", "{.status", "{.status..phase}"])("waitFor jsonpath=%s is refused", (text) => {
  expect(() => parseExpectation(text)).toThrow("waitFor");
});

test.each([
  ["Ready", true],
  ["ready=true", true],
  ["Synced", false],
  ["Synced=False", true],
  ["Missing", false],
])("waitFor condition=%s is %s", (text, expected) => {
  expect(meetsCondition(object, text)).toBe(expected);
});

test("a condition about an older generation doesn't count", () => {
  expect(meetsCondition({ ...object, metadata: { generation: 3 } }, "Ready")).toBe(false);
});

function deployment(status: Properties, generation = 1): Properties {
  return { metadata: { generation }, spec: { replicas: 2 }, status: { observedGeneration: 1, ...status } };
}

const available = { conditions: [{ type: "Available", status: "True" }] };

test("a Deployment is ready when all its new pods are, for the generation that was asked for", () => {
  const done = { ...available, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  const check = readiness["apps/Deployment"];
  expect(check?.(deployment(done)).ready).toBe(true);
  expect(check?.(deployment(done, 2)).ready).toBe(false);
  expect(check?.(deployment({ ...done, replicas: 3 })).ready).toBe(false);
  expect(check?.(deployment({ ...done, updatedReplicas: 1 })).progress).toContain("1/2 pods available");
});

test("a failed rollout is told in the controller's words", () => {
  const message = "ReplicaSet has timed out progressing.";
  const conditions = [{ type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message }];
  expect(readiness["apps/Deployment"]?.(deployment({ conditions })).reasons).toContain(
    `[ProgressDeadlineExceeded] ${message}`,
  );
});

test("a Job that failed for good is not waited for", () => {
  const failed = { type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "too often" };
  expect(readiness["batch/Job"]?.({ status: { conditions: [failed] } })).toMatchObject({
    ready: false,
    failed: true,
    reasons: ["[BackoffLimitExceeded] too often"],
  });
});

test("a StatefulSet is ready on one revision only", () => {
  const status = { observedGeneration: 1, replicas: 1, readyReplicas: 1, currentReplicas: 1, currentRevision: "a" };
  const set = (updateRevision: string) => ({
    metadata: { generation: 1 },
    spec: { replicas: 1 },
    status: { ...status, updateRevision },
  });
  expect(readiness["apps/StatefulSet"]?.(set("a")).ready).toBe(true);
  expect(readiness["apps/StatefulSet"]?.(set("b")).reasons.join()).toContain('from revision "a" to revision "b"');
});

test("what many pods say is told once", () => {
  const message = "0/6 nodes are available: 6 Insufficient cpu.";
  const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }];
  const waiting = { reason: "ImagePullBackOff", message: "no such image" };
  const unpulled = { status: { containerStatuses: [{ ready: false, state: { waiting } }] } };
  expect(podMessages([{ status: { conditions } }, { status: { conditions } }, unpulled])).toEqual([
    `[Unschedulable] ${message}`,
    "[ImagePullBackOff] no such image",
  ]);
});
