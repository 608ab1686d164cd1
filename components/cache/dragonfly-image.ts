import type { types } from "@pulumi/kubernetes";

/** At the version that the operator's own release is made for. */
export const dragonflyImage = "docker.dragonflydb.io/dragonflydb/dragonfly:v1.39.0";

/** User and group of the image's own. */
const imageId = 999;

export const dragonflyPodSecurity: types.input.core.v1.PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: imageId,
  runAsGroup: imageId,
  fsGroup: imageId,
  seccompProfile: { type: "RuntimeDefault" },
};
