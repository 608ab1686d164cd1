import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { provideTools } from "../../../rehearsal/toolchain";
import { run } from "../../../rehearsal/toolchain/command";
import type { Credentials, KafkaConnection } from "../../../runtime/events/settings";
import { type Certificate, CertificateAuthority } from "../../certificates";
import { freePort } from "../data-plane/ports";
import { RunningProgram } from "../data-plane/processes";

interface Node {
  id: number;
  folder: string;
  ports: { client: number; replication: number; controller: number };
}

interface Tools {
  java: string;
  jars: string;
}

/** As small and as quick to start as can be. */
const javaOptions = ["-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.level=WARN"];
const brokerName = "CN=kafka";

/**
 * Real Kafka: KRaft nodes, each broker and controller at once and in a rack of its own, on loopback. As Strimzi makes them,
 * clients come by TLS and SCRAM-SHA-512, brokers and the administrator by certificates, and nobody may do what no ACL allows.
 */
export class KafkaCluster {
  private readonly running = new Map<number, RunningProgram>();

  private constructor(
    private readonly folder: string,
    private readonly tools: Tools,
    private readonly authority: CertificateAuthority,
    private readonly administrator: Certificate,
    private readonly nodes: Node[],
  ) {}

  /** @param configuration of all brokers, beside what this test bed needs. */
  static async start(configuration: Record<string, unknown> = {}): Promise<KafkaCluster> {
    const { kafka, "java-runtime": runtime } = await provideTools(["kafka", "java-runtime"]);
    const folder = mkdtempSync(join(tmpdir(), "omega-kafka-"));
    const authority = new CertificateAuthority(folder);
    const certificate = authority.issue("IP:127.0.0.1", `/${brokerName}`);
    writeFileSync(join(folder, "broker.pem"), certificate.key + certificate.certificate, { mode: 0o600 });
    const connection = { "security.protocol": "SSL", ...certificatesIn(folder) };
    writeFileSync(join(folder, "administrator.properties"), propertiesOf(connection));
    const nodes: Node[] = [];
    for (const id of [1, 2, 3]) {
      const ports = { client: await freePort(), replication: await freePort(), controller: await freePort() };
      nodes.push({ id, folder: join(folder, `node-${id}`), ports });
    }
    const tools = { java: join(runtime, "bin/java"), jars: join(kafka, "*") };
    const cluster = new KafkaCluster(folder, tools, authority, certificate, nodes);
    try {
      await cluster.format(configuration);
      await Promise.all(nodes.map(({ id }) => cluster.startNode(id)));
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** How a service reaches it. */
  connection(authentication: Credentials): KafkaConnection {
    const brokers = this.nodes.map(({ ports }) => `127.0.0.1:${ports.client}`);
    return { brokers, certificateAuthority: this.authority.certificate, authentication };
  }

  /** Its administrator's client, who may do anything. */
  client(): Kafka {
    const { certificate: cert, key } = this.administrator;
    return new Kafka({
      clientId: "administrator",
      brokers: this.nodes.map(({ ports }) => `127.0.0.1:${ports.replication}`),
      ssl: { ca: this.authority.certificate, cert, key },
      logLevel: logLevel.NOTHING,
    });
  }

  /** Output of one of Kafka's own tools, as its administrator. */
  tool(main: string, ...parameters: string[]): Promise<string> {
    const replication = this.nodes.map(({ ports }) => `127.0.0.1:${ports.replication}`).join();
    const connection = ["--bootstrap-server", replication, "--command-config", "administrator.properties"];
    const argv = [...javaOptions, "-cp", this.tools.jars, main, ...connection, ...parameters];
    return run(this.tools.java, argv, { folder: this.folder });
  }

  /** The same, with some of its parameters in a file, for what must not be in a list of processes. */
  async configure(entity: string[], settings: Record<string, string>): Promise<void> {
    const file = join(this.folder, `settings-${randomBytes(8).toString("hex")}`);
    writeFileSync(file, propertiesOf(settings), { mode: 0o600 });
    await this.tool("kafka.admin.ConfigCommand", "--alter", ...entity, "--add-config-file", file);
    rmSync(file);
  }

  async startNode(id: number): Promise<void> {
    const { folder } = this.node(id);
    const { java, jars } = this.tools;
    const program = new RunningProgram({
      command: java,
      args: [...javaOptions, "-cp", jars, "kafka.Kafka", "server.properties"],
      folder,
      logFile: join(folder, "log"),
    });
    this.running.set(id, program);
    await program.until(() => this.isServing(id));
  }

  async kill(id: number): Promise<void> {
    await this.running.get(id)?.stop();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running.values()].map((program) => program.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private node(id: number): Node {
    const found = this.nodes.find((node) => node.id === id);
    if (found === undefined) throw new Error(`There is no node ${id}.`);
    return found;
  }

  /** Whether the others know it as a broker. */
  private async isServing(id: number): Promise<boolean> {
    const admin = this.client().admin({ retry: { retries: 0 } });
    try {
      await admin.connect();
      const { brokers, controller } = await admin.describeCluster();
      return controller !== null && brokers.some(({ nodeId }) => nodeId === id);
    } catch {
      return false;
    } finally {
      await admin.disconnect();
    }
  }

  private async format(configuration: Record<string, unknown>): Promise<void> {
    // It may begin with a dash, and must not be taken for an option.
    const clusterId = randomBytes(16).toString("base64url");
    await Promise.all(
      this.nodes.map(async (node) => {
        mkdirSync(node.folder);
        const properties = { ...configuration, ...this.properties(node) };
        writeFileSync(join(node.folder, "server.properties"), propertiesOf(properties), { mode: 0o600 });
        const parameters = ["format", `--cluster-id=${clusterId}`, "--config", "server.properties"];
        const argv = [...javaOptions, "-cp", this.tools.jars, "kafka.tools.StorageTool", ...parameters];
        await run(this.tools.java, argv, { folder: node.folder });
      }),
    );
  }

  private properties({ id, ports }: Node): Record<string, unknown> {
    const { client, replication, controller } = ports;
    const reached = `REPLICATION://127.0.0.1:${replication},CLIENTS://127.0.0.1:${client}`;
    const voters = this.nodes.map((node) => `${node.id}@127.0.0.1:${node.ports.controller}`);
    return {
      "node.id": id,
      "broker.rack": `zone-${id}`,
      "process.roles": "broker,controller",
      "controller.quorum.voters": voters.join(),
      listeners: `CONTROLLER://127.0.0.1:${controller},${reached}`,
      "advertised.listeners": reached,
      "listener.security.protocol.map": "CONTROLLER:SSL,REPLICATION:SSL,CLIENTS:SASL_SSL",
      "controller.listener.names": "CONTROLLER",
      "inter.broker.listener.name": "REPLICATION",
      ...certificatesIn(this.folder),
      "listener.name.controller.ssl.client.auth": "required",
      "listener.name.replication.ssl.client.auth": "required",
      "sasl.enabled.mechanisms": "SCRAM-SHA-512",
      "listener.name.clients.scram-sha-512.sasl.jaas.config":
        "org.apache.kafka.common.security.scram.ScramLoginModule required;",
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": `User:${brokerName}`,
      "log.dirs": "data",
      // So that tests wait less for groups and for the loss of a broker.
      "group.initial.rebalance.delay.ms": 0,
      "offsets.topic.num.partitions": 3,
      "broker.heartbeat.interval.ms": 500,
      "broker.session.timeout.ms": 3000,
    };
  }
}

function certificatesIn(folder: string): Record<string, string> {
  return {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": join(folder, "broker.pem"),
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": join(folder, "ca.crt"),
  };
}

function propertiesOf(values: Record<string, unknown>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${String(value)}\n`)
    .join("");
}
