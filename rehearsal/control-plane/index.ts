export { type ControlPlaneOptions, kubectlCommand, startControlPlanes, stopControlPlanes } from "./control-plane";
