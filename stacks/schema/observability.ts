import { z } from "zod";
import { AccessLogs, AlertReceiverKind, latencyBounds, Severity } from "../../components";
import { dnsLabel } from "./common";

const percentKept = z.number().min(95).max(99.999);

export const objectiveSchema = z
  .strictObject({
    availabilityPercent: percentKept.default(99.9).describe("Percent of the requests that must not fail"),
    latencyMilliseconds: z
      .literal(latencyBounds)
      .default(1000)
      .describe("Within which a request is fast enough: a bound of the mesh's histogram"),
    latencyPercent: percentKept.default(99).describe("Percent of the requests that must be fast enough"),
  })
  .prefault({})
  .describe("What the service promises over any 30 days; alerts tell how fast its error budget is spent");

export const observabilitySchema = z
  .strictObject({
    backend: z
      .strictObject({
        host: z.string().min(1).describe("Name in DNS"),
        port: z.int().min(1).max(65535).default(4317),
        authorization: z
          .strictObject({ secretName: dnsLabel, key: z.string().min(1) })
          .exactOptional()
          .describe(
            "Secret in Prometheus' namespace with the value of the authorization header; default: none is sent",
          ),
      })
      .describe("Where traces and logs go, by OTLP over gRPC with TLS; metrics stay in Prometheus"),
    traceSamplingPercent: z.number().min(0).max(100).default(1).describe("Percent of the requests that are traced"),
    accessLogs: z.enum(AccessLogs).default(AccessLogs.ErrorsAndSlow).describe("Which requests the proxies log"),
    receivers: z
      .array(
        z.strictObject({
          name: dnsLabel,
          kind: z
            .enum(AlertReceiverKind)
            .describe("heartbeat: a webhook that tells somebody when alerts no longer arrive at all"),
          severities: z
            .array(z.enum(Severity))
            .exactOptional()
            .describe("Of which alerts it is told; a heartbeat: none"),
          secretName: dnsLabel.describe("Secret in Prometheus' namespace"),
          key: z.string().min(1).describe("Key in that Secret with PagerDuty's routing key, or the URL"),
          channel: z.string().min(1).exactOptional().describe("Slack only, e.g. #platform-tickets"),
        }),
      )
      .default([])
      .describe("Who is told of alerts; default: nobody"),
    runbooksUrl: z.url().exactOptional().describe("Where docs/runbooks.md is served"),
  })
  .describe("Metrics, objectives, alerts, dashboards, traces and logs; without it nothing is watched");
