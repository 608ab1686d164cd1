import { z } from "zod";
import { Experiment } from "../../components";
import { dnsLabel, path } from "./common";

const probability = (least: number, most: number) => z.number().min(least).max(most);

export const chaosSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe("The kill switch: false ends what runs, and nothing starts"),
    namespace: dnsLabel.default("chaos").describe("Namespace that is made for the experiments alone"),
    limits: z
      .strictObject({
        errorRatePercent: z.number().min(0.1).max(10).describe("Failing requests; the architecture's is 5"),
        p99Milliseconds: z
          .number()
          .min(1)
          .max(5000)
          .describe("99th percentile of the latency; the architecture's is 1000"),
      })
      .describe("At which everything stops: no experiment runs without both"),
    window: z
      .strictObject({
        cron: z.string().describe("When it opens, in UTC: five fields with one minute and one hour, e.g. 0 10 * * 2-4"),
        minutes: z.int().min(1).max(480).describe("How long it stays open"),
      })
      .describe("When experiments may run"),
    targets: z
      .array(
        z.strictObject({
          service: dnsLabel.describe("Service that has opted in; none that is critical"),
          entry: dnsLabel
            .exactOptional()
            .describe("Service that the experiment's requests go to and that calls the target; default: the target"),
          path: path.exactOptional().describe("Of a GET that changes nothing; default /health/ready"),
        }),
      )
      .min(1),
    experiments: z.array(z.enum(Experiment)).min(1).default(Object.values(Experiment)),
    experimentMinutes: z.int().min(1).max(60).default(5).describe("Of each experiment on each service"),
    faults: z
      .strictObject({
        latencyProbability: probability(0.000001, 0.1).default(0.01).describe("Share that is delayed"),
        latencyMilliseconds: z.int().min(1).max(500).default(500).describe("By how much"),
        failureProbability: probability(0.000001, 0.1).default(0.001).describe("Share that is answered with 503"),
      })
      .prefault({}),
  })
  .describe("Experiments on services that have opted in, one at a time, inside a window; none by default");
