export {
  type ControlPlane,
  type ControlPlaneOptions,
  installCustomResourceDefinitions,
  kubectlCommand,
  startControlPlanes,
  stopControlPlanes,
} from "./control-plane";
export { type ControlPlaneTools, rehearsalTools } from "./tools";
