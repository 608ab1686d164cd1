/**
 * Istio's custom resources, as far as this platform uses them: the SDK types a custom resource's spec as `any`, so a
 * misspelt field would pass the compiler. The rehearsal's API server checks the same fields against Istio's CRDs.
 */
export * from "./common";
export * from "./networking";
export * from "./security";
export * from "./telemetry";
