import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventSettings } from "../../../runtime/events";
import { subscription } from "./fixture";

const routes = { publishes: { "payment.completed": "payments" }, subscriptions: [subscription] };
const environment = {
  KAFKA_BOOTSTRAP_SERVERS: "kafka-1.example.com:9093,kafka-2.example.com:9093",
  KAFKA_SECURITY_PROTOCOL: "SASL_SSL",
  KAFKA_SASL_MECHANISM: "SCRAM-SHA-512",
  KAFKA_USERNAME: "payment-service",
  KAFKA_PASSWORD: "secret",
  OMEGA_EVENTS: JSON.stringify(routes),
};
const brokers = ["kafka-1.example.com:9093", "kafka-2.example.com:9093"];

test("a service finds its brokers, its password and its routes in its environment", () => {
  expect(eventSettings(environment)).toEqual({
    connection: { brokers, authentication: { username: "payment-service", password: "secret" } },
    routes,
  });
});

test("an authority of the platform's own is read from its file", () => {
  const folder = mkdtempSync(join(tmpdir(), "events-"));
  const file = join(folder, "ca.crt");
  writeFileSync(file, "the authority");
  const { connection } = eventSettings({ ...environment, KAFKA_SSL_CA_LOCATION: file });
  expect(connection.certificateAuthority).toBe("the authority");
  rmSync(folder, { recursive: true });
});

test("brokers that want tokens get them from the service", () => {
  const noPassword = { KAFKA_USERNAME: undefined, KAFKA_PASSWORD: undefined };
  const tokens = { ...environment, ...noPassword, KAFKA_SASL_MECHANISM: "OAUTHBEARER" };
  const provider = async () => ({ value: "token" });
  expect(eventSettings(tokens, provider).connection).toEqual({ brokers, authentication: provider });
  expect(() => eventSettings(tokens)).toThrow("AWS_REGION, or a token provider, is missing");
  expect(eventSettings({ ...tokens, AWS_REGION: "eu-west-1" }, provider).connection.authentication).toBe(provider);
});

test("all that is wrong is told at once", () => {
  const wrong = { ...environment, KAFKA_BOOTSTRAP_SERVERS: undefined, KAFKA_SECURITY_PROTOCOL: "PLAINTEXT" };
  const told = () => eventSettings({ ...wrong, OMEGA_EVENTS: '{"publishes":{},"subscriptions":[{}]}' });
  for (const name of ["KAFKA_BOOTSTRAP_SERVERS", "KAFKA_SECURITY_PROTOCOL", "OMEGA_EVENTS", "deadLetterTopic"]) {
    expect(told).toThrow(name);
  }
  expect(() => eventSettings({ ...environment, OMEGA_EVENTS: "{" })).toThrow("is no JSON");
  expect(() => eventSettings({ ...environment, KAFKA_PASSWORD: undefined })).toThrow("KAFKA_PASSWORD is missing");
});
