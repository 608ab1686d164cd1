import { eventSettings } from "../../../runtime/events";
import { kafkaClient } from "../../../runtime/events/kafka";
import { listenAsBroker } from "./sasl-broker";

const credentials = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "example",
  AWS_SESSION_TOKEN: "session",
};
/** What the platform gives a service on MSK. */
const environment = {
  KAFKA_BOOTSTRAP_SERVERS: "b-1.example.kafka.eu-west-1.amazonaws.com:9098",
  KAFKA_SECURITY_PROTOCOL: "SASL_SSL",
  KAFKA_SASL_MECHANISM: "OAUTHBEARER",
  AWS_REGION: "eu-west-1",
  OMEGA_EVENTS: JSON.stringify({ publishes: {}, subscriptions: [] }),
};
const before = { ...process.env };

beforeEach(() => Object.assign(process.env, credentials));
afterEach(() => {
  process.env = { ...before };
});

/** A token is a URL, in base64 for URLs. */
const decoded = (token: string) => new URL(Buffer.from(token, "base64url").toString());

async function tokenOf(region: string): Promise<string> {
  const { authentication } = eventSettings({ ...environment, AWS_REGION: region }).connection;
  if (typeof authentication !== "function") throw new Error("there is no token provider");
  return (await authentication()).value;
}

test.each(["eu-west-1", "us-east-1"])("a service's token lets it connect to the brokers of %s", async (region) => {
  const { protocol, host, searchParams } = decoded(await tokenOf(region));
  expect([protocol, host]).toEqual(["https:", `kafka.${region}.amazonaws.com`]);
  expect(Object.fromEntries(searchParams)).toMatchObject({
    Action: "kafka-cluster:Connect",
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Expires": "900",
    "X-Amz-Security-Token": "session",
  });
  const [id, , ...scope] = searchParams.get("X-Amz-Credential")?.split("/") ?? [];
  expect([id, ...scope]).toEqual(["AKIDEXAMPLE", region, "kafka-cluster", "aws4_request"]);
});

test("each connection has a token that begins then", async () => {
  jest.useFakeTimers({ now: new Date("2030-01-01T00:00:00Z"), doNotFake: ["nextTick", "setImmediate"] });
  const dateOf = async () => decoded(await tokenOf("eu-west-1")).searchParams.get("X-Amz-Date");
  expect(await dateOf()).toBe("20300101T000000Z");
  jest.setSystemTime(new Date("2030-01-01T00:20:00Z"));
  expect(await dateOf()).toBe("20300101T002000Z");
  jest.useRealTimers();
});

test("without credentials it says what is missing", async () => {
  for (const key of Object.keys(credentials)) delete process.env[key];
  Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: "true", HOME: "/nonexistent" });
  await expect(tokenOf("eu-west-1")).rejects.toThrow(/credentials/i);
});

test("the client of Kafka sends it to the broker", async () => {
  const broker = await listenAsBroker();
  const { connection } = eventSettings(environment);
  const client = kafkaClient("order", { ...connection, brokers: [broker.address], ...broker.trusted }, () => undefined);
  const admin = client.admin({ retry: { retries: 0 } });
  const refused = expect(admin.connect()).rejects.toThrow("refused by the test");
  const [, token = ""] = /auth=Bearer ([\w-]+)/.exec(await broker.authentication) ?? [];
  expect(decoded(token).searchParams.get("Action")).toBe("kafka-cluster:Connect");
  await refused;
  await broker.close();
});
