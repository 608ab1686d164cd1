import { ProjectCopy } from "./support";

jest.setTimeout(600_000);

describe("a stack whose data must not go", () => {
  const project = new ProjectCopy().reduce(["events", "certManager"]);
  afterAll(() => project.remove());

  const setting = "omega:scope: single";
  const shipments = / +- name: shipments\n +events:\n +- shipment\.\*\n/;
  const names = async (kind: string): Promise<string[]> => {
    const printed = await project.kubectl("-n", "kafka", "get", kind, "-o", "name");
    return printed.split("\n").flatMap((line) => line.split("/")[1]?.trim() ?? []);
  };

  test("comes up", async () => {
    project.edit("Pulumi.dev.yaml", setting, `${setting}\n  omega:allowDataDeletion: false`);
    const { code, output } = await project.omega("up");
    expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
    expect(await names("kafkatopics.kafka.strimzi.io")).toContain("shipments");
  });

  test("keeps a topic that its file leaves out, and says what would delete it", async () => {
    const undo = project.edit("Pulumi.dev.yaml", shipments, "");
    const { code, output } = await project.omega("up");
    undo();
    expect(output).toContain("KafkaTopic shipments-topic: holds data, and is not deleted.");
    expect(output).toContain("set omega:allowDataDeletion: true");
    expect(code).toBe(1);
    expect(await names("kafkatopics.kafka.strimzi.io")).toContain("shipments");
  });

  test("refuses fewer partitions than there are, before anything is made", async () => {
    project.edit("Pulumi.dev.yaml", "- name: carts\n", "- name: carts\n        partitions: 12\n");
    expect((await project.omega("up")).code).toBe(0);
    const undo = project.edit("Pulumi.dev.yaml", "partitions: 12", "partitions: 6");
    const { code, output } = await project.omega("up");
    undo();
    expect(output).toContain('events.topics[1].partitions: gives "carts" 6 partitions, and it has 12');
    expect(output).not.toContain("Update, with the policy pack");
    expect(code).toBe(1);
  });

  test("survives make down with its data, says what it kept, and is whole again by make up", async () => {
    const { code, output } = await project.omega("down");
    expect(output).toContain("Kept, because they hold data");
    expect(output).toMatch(/^ {4}Kafka events-kafka$/m);
    expect(code).toBe(0);
    expect(await names("kafkas.kafka.strimzi.io")).toEqual(["omega"]);
    expect(await project.kubectl("get", "deployments", "-A", "-o", "name")).not.toContain("catalog");
    expect((await project.omega("up")).code).toBe(0);
  });

  test("lets go of its data once its file says so", async () => {
    project.edit("Pulumi.dev.yaml", "omega:allowDataDeletion: false", "omega:allowDataDeletion: true");
    expect((await project.omega("up")).code).toBe(0);
    project.edit("Pulumi.dev.yaml", shipments, "");
    const { code } = await project.omega("up");
    expect(code).toBe(0);
    expect(await names("kafkatopics.kafka.strimzi.io")).not.toContain("shipments");
    const { output } = await project.omega("down");
    expect(output).not.toContain("Kept");
    expect(await project.kubectl("get", "namespaces", "-o", "name")).not.toContain("kafka");
  });
});
