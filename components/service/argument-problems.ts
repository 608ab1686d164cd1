import { type ArgumentProblem, wholeNumberProblems } from "../arguments";
import { Protocol } from "../mesh/bulkheads";
import type { AgenticServiceArgs } from "./agentic-service";
import { contractProblems } from "./contract";
import { storeProblems } from "./stores";

/** The kubelet asks by HTTP/1.1 or gRPC: a server of HTTP/2 alone would never get ready. */
export function healthPortProblems({
  contract: { health },
  protocol,
  port = 8080,
}: Pick<AgenticServiceArgs, "contract" | "protocol" | "port">): ArgumentProblem[] {
  const path = "contract.health.port";
  if (health?.port === port) return [{ path, reason: `is ${port}, must be another one than the service's own` }];
  return protocol === Protocol.Http2 && health?.port === undefined
    ? [{ path, reason: "is missing: a service of HTTP/2 answers its health checks at a port of HTTP/1.1" }]
    : [];
}

/** Everything that is wrong with the arguments, in their order. */
export function argumentProblems(args: AgenticServiceArgs): ArgumentProblem[] {
  const problems = contractProblems(args.contract);
  const within = (path: string, value: number | undefined, least: number, most: number) => {
    problems.push(...wholeNumberProblems(path, value, least, most));
  };
  within("port", args.port, 1, 65535);
  problems.push(...healthPortProblems(args));
  within("rolloutSeconds", args.rolloutSeconds, 1, 3600);
  within("replicas.min", args.replicas?.min, 2, args.replicas?.max ?? 100);
  within("replicas.max", args.replicas?.max, 2, 10_000);
  within("autoscaling.cpuPercent", args.autoscaling?.cpuPercent, 1, 100);
  within("autoscaling.memoryPercent", args.autoscaling?.memoryPercent, 1, 100);
  within("breaker.consecutiveFailures", args.breaker?.consecutiveFailures, 1, 1000);
  within("breaker.ejectionSeconds", args.breaker?.ejectionSeconds, 1, 3600);
  within("consumerLag.messagesPerReplica", args.consumerLag?.messagesPerReplica, 1, 1_000_000);
  problems.push(...storeProblems(args.stores ?? []));
  if (args.consumerLag?.subscriptions.length === 0) {
    problems.push({ path: "consumerLag.subscriptions", reason: "must name one topic at least" });
  }
  return problems;
}
