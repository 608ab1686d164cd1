import type { EngineEvent } from "@pulumi/pulumi/automation";
import { observer } from "../../../rehearsal/engine/progress";

const urn = "urn:pulumi:dev::omega::omega:index:MeshNamespace$kubernetes:core/v1:Secret::shop-registry";
const type = "kubernetes:core/v1:Secret";
const inputs = { metadata: { name: "registry", namespace: "shop" }, stringData: "[secret]" };
const made = {
  urn,
  type,
  custom: true,
  id: "",
  parent: "urn:parent",
  provider: "urn:provider::1",
  inputs,
  outputs: {},
};

/** As the engine tells of an operation that failed, in this order. */
function failure(op: "create" | "update", message: string): EngineEvent[] {
  const at = { sequence: 1, timestamp: 1 };
  return [
    { ...at, diagnosticEvent: { urn, message: `${message}\n`, color: "never", severity: "error" } },
    { ...at, resOpFailedEvent: { metadata: { op, urn, type, new: made, provider: "" }, status: 0, steps: 1 } },
  ];
}

test("what is let go of and not deleted is told apart from what is deleted", () => {
  const written: string[] = [];
  const { observe, observation } = observer({ write: (text) => written.push(text) }, false, {});
  const at = { sequence: 1, timestamp: 1 };
  for (const retainOnDelete of [true, false]) {
    const old = { ...made, urn: `${urn}-${retainOnDelete}`, retainOnDelete };
    const metadata = { op: "delete" as const, urn: old.urn, type, old, provider: "" };
    observe({ ...at, resOutputsEvent: { metadata } });
  }
  expect(observation.kept).toEqual([{ type: "Secret", name: "shop-registry-true" }]);
  expect(written).toEqual(["  let go of Secret shop-registry-true\n", "  delete Secret shop-registry-false\n"]);
});

test("that protected data is not deleted is said with the way to do so on purpose", () => {
  const message = `resource "${urn}" cannot be deleted\nbecause it is protected. To unprotect …`;
  const { observe, observation } = observer({ write: () => undefined }, true, {});
  failure("update", message).forEach(observe);
  expect(observation.errors).toEqual([
    expect.stringContaining("Secret shop-registry: holds data, and is not deleted."),
  ]);
  expect(observation.errors[0]).toContain("omega:allowDataDeletion: true");
});

function unansweredIn(events: EngineEvent[]) {
  const { observe, observation } = observer({ write: () => undefined }, false, {});
  events.forEach(observe);
  return observation.unanswered;
}

it.each(["error reading from server: EOF", "the API server was gone before it answered: socket hang up"])(
  "a create that may have been done is kept, without what is secret: %s",
  (message) => {
    const { metadata } = inputs;
    const { parent, provider } = made;
    expect(unansweredIn(failure("create", message))).toEqual([
      { urn, type, custom: true, parent, provider, inputs: { metadata } },
    ]);
    expect(unansweredIn(failure("update", message))).toEqual([]);
  },
);

it.each([
  'secrets "registry" already exists',
  'connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused"',
])("what was refused, or never sent, is none of ours: %s", (message) => {
  expect(unansweredIn(failure("create", message))).toEqual([]);
});
