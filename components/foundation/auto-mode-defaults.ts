import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/**
 * What EKS Auto Mode leaves to its users, without which claims stay pending and NetworkPolicies are ignored: a default
 * StorageClass (gp3, encrypted, bound where its pod is) and the controller that enforces policies.
 */
export class AutoModeDefaults extends pulumi.ComponentResource {
  readonly storageClassName: pulumi.Output<string>;

  constructor(name: string, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:AutoModeDefaults", name, {}, options);
    const storageClass = new kubernetes.storage.v1.StorageClass(
      `${name}-storage-class`,
      {
        metadata: { name: "gp3", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
        provisioner: "ebs.csi.eks.amazonaws.com",
        parameters: { type: "gp3", encrypted: "true" },
        volumeBindingMode: "WaitForFirstConsumer",
        allowVolumeExpansion: true,
        // A claim that is deleted by mistake leaves its data.
        reclaimPolicy: "Retain",
      },
      { parent: this },
    );
    new kubernetes.core.v1.ConfigMap(
      `${name}-network-policies`,
      {
        metadata: { name: "amazon-vpc-cni", namespace: "kube-system" },
        data: { "enable-network-policy-controller": "true" },
      },
      { parent: this },
    );
    this.storageClassName = storageClass.metadata.name;
    this.registerOutputs({ storageClassName: this.storageClassName });
  }
}
