import { z } from "zod";

const installed = (what: string) =>
  z.boolean().default(true).describe(`${what}; false: the cluster has it already, or does without`);

export const operatorsSchema = z
  .strictObject({
    highlyAvailable: z.boolean().default(true).describe("Two replicas or more of each controller"),
    gatewayApi: installed("CRDs of the Gateway API"),
    prometheus: installed("Prometheus with its operator, Alertmanager and Grafana"),
    certManager: installed("cert-manager"),
    metricsServer: installed("metrics-server, which autoscalers read"),
    keda: installed("KEDA, which scales by events"),
    metrics: z
      .strictObject({
        retentionDays: z.int().min(1).max(365).default(15).describe("Days after which metrics are dropped"),
        gibibytes: z.int().min(2).max(16_384).default(50).describe("Volume of each Prometheus replica"),
        storageClassName: z.string().min(1).exactOptional().describe("Default: the cluster's own default"),
      })
      .prefault({}),
  })
  .prefault({})
  .describe("Controllers that the platform installs");
