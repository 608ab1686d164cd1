import type { KubernetesObject } from "./api";

const resources = { cpu: "8", memory: "32Gi", pods: "110", "ephemeral-storage": "100Gi" };

const nodesPerZone = 2;

/** Nodes over the region's three zones. A node's name is its zone and a number: the volume stage relies on it. */
export function nodesOf(region: string): KubernetesObject[] {
  return ["a", "b", "c"].flatMap((letter, zoneIndex) =>
    Array.from({ length: nodesPerZone }, (_, index) => {
      const zone = `${region}${letter}`;
      const name = `${zone}-${index + 1}`;
      const podCIDR = `10.244.${zoneIndex * nodesPerZone + index}.0/24`;
      return {
        apiVersion: "v1",
        kind: "Node",
        metadata: {
          name,
          annotations: { "kwok.x-k8s.io/node": "fake" },
          labels: {
            "kubernetes.io/arch": "amd64",
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "topology.kubernetes.io/region": region,
            "topology.kubernetes.io/zone": zone,
          },
        },
        spec: { podCIDR, podCIDRs: [podCIDR] },
        status: { allocatable: resources, capacity: resources },
      };
    }),
  );
}

/** Binds a claim when its pod is scheduled, as block storage of a cloud does. */
export const storageClass: KubernetesObject = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "rehearsal.omega.dev/volumes",
  volumeBindingMode: "WaitForFirstConsumer",
};
