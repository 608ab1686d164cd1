import * as fc from "fast-check";
import { http2Ports, matchesHost, secondsOf } from "../../policies/istio";
import { selects } from "../../policies/kubernetes";
import { unknown } from "../../policies/values";
import { resource } from "./fixture";

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
const domain = "cluster.local";

describe("hosts", () => {
  test("a short name is completed by the rule's namespace", () => {
    fc.assert(
      fc.property(label, label, label, (name, namespace, other) => {
        expect(matchesHost(name, namespace, name, namespace, domain)).toBe(true);
        expect(matchesHost(name, other, name, namespace, domain)).toBe(other === namespace);
        expect(matchesHost(other, namespace, name, namespace, domain)).toBe(other === name);
      }),
    );
  });

  test("a complete name and every wildcard above it match from any namespace", () => {
    fc.assert(
      fc.property(label, label, label, (name, namespace, from) => {
        const labels = `${name}.${namespace}.svc.${domain}`.split(".");
        const hosts = [labels.join("."), ...labels.map((_, index) => ["*", ...labels.slice(index + 1)].join("."))];
        for (const host of hosts) {
          expect([host, matchesHost(host, from, name, namespace, domain)]).toEqual([host, true]);
        }
      }),
    );
  });

  test("a name that is cut short matches nothing", () => {
    fc.assert(
      fc.property(label, label, (name, namespace) => {
        for (const host of [`${name}.${namespace}`, `${name}.${namespace}.svc`, `*.${namespace}.svc`]) {
          expect(matchesHost(host, namespace, name, namespace, domain)).toBe(false);
        }
      }),
    );
  });

  test("a wildcard doesn't reach into another namespace", () => {
    fc.assert(
      fc.property(label, label, label, (name, namespace, other) => {
        const host = `*.${other}.svc.${domain}`;
        expect(matchesHost(host, namespace, name, namespace, domain)).toBe(other === namespace);
      }),
    );
  });

  test("what isn't known is neither a match nor none", () => {
    expect(matchesHost(unknown, "a", "b", "a", domain)).toBe(unknown);
    expect(matchesHost("b", unknown, "b", "a", domain)).toBe(unknown);
    expect(matchesHost("c", unknown, "b", "a", domain)).toBe(false);
    expect(matchesHost(`*.${domain}`, "a", unknown, "a", domain)).toBe(unknown);
    expect(matchesHost("*", "a", unknown, unknown, domain)).toBe(true);
    expect(matchesHost(undefined, "a", "b", "a", domain)).toBe(false);
  });
});

describe("selectors", () => {
  const labels = fc.dictionary(label, label, { maxKeys: 4 });

  test("a selector of some of the labels matches, of one that differs doesn't", () => {
    fc.assert(
      fc.property(labels, label, label, (all, key, value) => {
        expect(selects({ matchLabels: all }, { ...all, [key]: value })).toBe(!(key in all) || all[key] === value);
        expect(selects({ matchLabels: { ...all, [key]: value } }, all)).toBe(all[key] === value);
      }),
    );
  });

  test("In and NotIn, Exists and DoesNotExist are opposites", () => {
    fc.assert(
      fc.property(labels, label, fc.array(label, { minLength: 1 }), (all, key, values) => {
        const ask = (operator: string): unknown => selects({ matchExpressions: [{ key, operator, values }] }, all);
        expect(ask("In")).toBe(values.includes(all[key] ?? ""));
        expect(ask("NotIn")).toBe(!ask("In"));
        expect(ask("Exists")).toBe(key in all);
        expect(ask("DoesNotExist")).toBe(!ask("Exists"));
      }),
    );
  });

  test("an empty selector matches all; labels and expressions must all hold", () => {
    expect(selects({}, { app: "a" })).toBe(true);
    const both = { matchLabels: { app: "a" }, matchExpressions: [{ key: "tier", operator: "Exists" }] };
    expect(selects(both, { app: "a" })).toBe(false);
    expect(selects(both, { app: "a", tier: "web" })).toBe(true);
    expect(selects({ matchExpressions: [{ key: "app", operator: "Near" }] }, { app: "a" })).toBe(false);
  });

  test("a label that is known to differ decides, whatever else is unknown", () => {
    expect(selects({ matchLabels: { app: "a", tier: unknown } }, { app: "a", tier: "web" })).toBe(unknown);
    expect(selects({ matchLabels: { app: "b", tier: unknown } }, { app: "a", tier: "web" })).toBe(false);
    expect(selects({ matchLabels: { app: "b" }, matchExpressions: unknown }, { app: "a" })).toBe(false);
    expect(selects({ matchExpressions: [{ key: unknown, operator: "Exists" }] }, { app: "a" })).toBe(unknown);
    expect(selects({ matchExpressions: [{ key: "app", operator: "In", values: unknown }] }, { app: "a" })).toBe(
      unknown,
    );
  });
});

test.each([
  [{ name: "grpc", port: 1 }, true],
  [{ name: "grpc-web-ui", port: 1 }, true],
  [{ name: "http2-api", port: 1 }, true],
  [{ name: "http", port: 1 }, false],
  [{ name: "grpcish", port: 1 }, false],
  [{ name: "http", appProtocol: "grpc", port: 1 }, true],
  [{ name: "grpc", appProtocol: "http", port: 1 }, false],
  [{ port: 1 }, false],
])("port %j speaks HTTP/2: %s", (port, expected) => {
  const service = { ...resource("core/v1:Service", "a", {}), props: { spec: { ports: [port] } } };
  expect(http2Ports({ ...service, isProtected: false })).toEqual(expected ? [1] : []);
});

test.each([
  ["30s", 30],
  ["1m30s", 90],
  ["500ms", 0.5],
  ["1.5h", 5400],
  ["30", undefined],
  ["", undefined],
  ["s", undefined],
])("%j is %s seconds", (duration, seconds) => {
  expect(secondsOf(duration)).toBe(seconds);
});
