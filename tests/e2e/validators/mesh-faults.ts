import type { Manifest } from "./manifests";

interface MeshFault {
  what: string;
  /** Of istioctl's message. */
  code: string;
  object: Manifest;
}

const networking = (kind: string, name: string, spec: object): Manifest => ({
  apiVersion: "networking.istio.io/v1",
  kind,
  metadata: { name, namespace: "shop" },
  spec,
});

/** What somebody could add to the dev stack's cluster, that the API server takes and that doesn't work. */
export const faults: MeshFault[] = [
  {
    what: "a route to a host that nobody serves",
    code: "IST0101",
    object: networking("VirtualService", "wishes", {
      hosts: ["wishes.shop.svc.cluster.local"],
      http: [{ route: [{ destination: { host: "wishes.shop.svc.cluster.local" } }] }],
    }),
  },
  {
    what: "a route to a subset that no rule defines",
    code: "IST0101",
    object: networking("VirtualService", "catalog-next", {
      hosts: ["next.shop.example"],
      http: [{ route: [{ destination: { host: "catalog.shop.svc.cluster.local", subset: "next" } }] }],
    }),
  },
  {
    what: "a second set of routes for a service",
    code: "IST0109",
    object: networking("VirtualService", "catalog-again", {
      hosts: ["catalog.shop.svc.cluster.local"],
      http: [{ route: [{ destination: { host: "catalog.shop.svc.cluster.local" } }] }],
    }),
  },
  {
    what: "a second Sidecar for the same pods",
    code: "IST0110",
    object: networking("Sidecar", "catalog-again", {
      workloadSelector: { labels: { "app.kubernetes.io/name": "catalog" } },
      egress: [{ hosts: ["./*"] }],
    }),
  },
  {
    what: "a policy for a workload that isn't there",
    code: "IST0127",
    object: {
      apiVersion: "security.istio.io/v1",
      kind: "AuthorizationPolicy",
      metadata: { name: "wishes", namespace: "shop" },
      spec: { selector: { matchLabels: { app: "wishes" } }, action: "ALLOW", rules: [{}] },
    },
  },
];
