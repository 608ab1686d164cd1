import fc from "fast-check";
import { parse } from "yaml";
import {
  authorizationVariable,
  collectorConfiguration,
  collectorHost,
  logAgentConfiguration,
  otlpPort,
} from "../../../components/observability/collector-configuration";
import { jobs } from "../../../components/observability/scraping";

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,10}[a-z0-9])?$/);
const backend = fc.record({
  host: fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join(".")),
  port: fc.integer({ min: 1, max: 65535 }),
  authorizes: fc.boolean(),
});

test("the backend gets credentials exactly if it takes them, and always over TLS that is checked", () => {
  fc.assert(
    fc.property(backend, (address) => {
      const { exporters, service } = parse(collectorConfiguration(address));
      const [[name, exporter]] = Object.entries<Record<string, unknown>>(exporters) as [
        [string, Record<string, unknown>],
      ];
      expect(exporter.endpoint).toBe(`${address.host}:${address.port}`);
      expect(exporter).not.toHaveProperty("tls");
      expect(exporter.headers).toEqual(
        address.authorizes ? { authorization: `\${env:${authorizationVariable}}` } : undefined,
      );
      for (const signal of ["traces", "logs"]) expect(service.pipelines[signal].exporters).toEqual([name]);
    }),
  );
});

test("log agents send to where the collector of their namespace listens", () => {
  fc.assert(
    fc.property(label, backend, (namespace, address) => {
      const agent = parse(logAgentConfiguration(namespace));
      const collector = parse(collectorConfiguration(address));
      expect(agent.exporters.otlp_grpc.endpoint).toBe(`${collectorHost(namespace)}:${otlpPort}`);
      expect(collector.receivers.otlp.protocols.grpc.endpoint).toBe(`0.0.0.0:${otlpPort}`);
      expect(collectorHost(namespace).split(".")[1]).toBe(namespace);
    }),
  );
});

test("what any container writes is read, but for the log agent's own lines", () => {
  const pod = fc.record({ namespace: label, pod: label, container: label, uid: fc.uuid(), restarts: fc.nat(20) });
  fc.assert(
    fc.property(label, pod, fc.boolean(), (namespace, other, isOwn) => {
      const { include, exclude } = parse(logAgentConfiguration(namespace)).receivers.filelog;
      const written = isOwn ? { ...other, namespace, pod: `${jobs.logAgent}-${other.pod}` } : other;
      fc.pre(isOwn || !written.pod.startsWith(`${jobs.logAgent}-`));
      const directory = `/var/log/pods/${written.namespace}_${written.pod}_${written.uid}`;
      const file = `${directory}/${written.container}/${written.restarts}.log`;
      const matches = (globs: string[]) =>
        globs.some((glob) => new RegExp(`^${glob.replaceAll("*", "[^/]*")}$`).test(file));
      expect(matches(include) && !matches(exclude)).toBe(!isOwn);
    }),
  );
});
