import { readFileSync } from "node:fs";
import type { OauthbearerProviderResponse } from "kafkajs";
import { z } from "zod";
import { awsTokenProvider } from "./aws-token";

const retryTopic = z.object({ topic: z.string(), delayMilliseconds: z.int().positive() });

const subscription = z.object({
  topic: z.string(),
  types: z.array(z.string()).min(1),
  group: z.string(),
  retryTopics: z.array(retryTopic),
  deadLetterTopic: z.string(),
});

const events = z.object({ publishes: z.record(z.string(), z.string()), subscriptions: z.array(subscription) });

/** A consumer's reading of a topic, with the topics that a message which it fails at goes through. */
export type Subscription = z.infer<typeof subscription>;

/** Topics by the type, or `<subject>.*`, of the events that the service publishes, and what it reads. */
export type EventRoutes = z.infer<typeof events>;

/** Gives a token whenever the client needs a new one, e.g. one signed for AWS IAM. */
export type TokenProvider = () => Promise<OauthbearerProviderResponse>;

export interface Credentials {
  username: string;
  password: string;
}

/** The way to the brokers, always by TLS. */
export interface KafkaConnection {
  /** `host:port` */
  brokers: string[];
  /** The authority of their certificates, as PEM. Default: those that Node knows. */
  certificateAuthority?: string;
  /** By SCRAM-SHA-512, or by OAUTHBEARER. */
  authentication: Credentials | TokenProvider;
}

const variables = z.object({
  KAFKA_BOOTSTRAP_SERVERS: z.string().min(1),
  KAFKA_SECURITY_PROTOCOL: z.literal("SASL_SSL"),
  KAFKA_SASL_MECHANISM: z.enum(["SCRAM-SHA-512", "OAUTHBEARER"]),
  KAFKA_USERNAME: z.string().optional(),
  KAFKA_PASSWORD: z.string().optional(),
  KAFKA_SSL_CA_LOCATION: z.string().optional(),
  AWS_REGION: z.string().min(1).optional(),
  OMEGA_EVENTS: z.string().transform((text, context) => {
    try {
      return events.parse(JSON.parse(text));
    } catch (error) {
      const problem = error instanceof z.ZodError ? z.prettifyError(error) : "is no JSON";
      context.addIssue({ code: "custom", message: problem });
      return z.NEVER;
    }
  }),
});

export interface EventSettings {
  connection: KafkaConnection;
  routes: EventRoutes;
}

/**
 * Reads what the platform tells a service in its environment.
 * @param token where the brokers want OAUTHBEARER. Default: tokens of AWS IAM for `AWS_REGION`, which the platform sets on MSK.
 * @throws with all that is wrong.
 */
export function eventSettings(environment: NodeJS.ProcessEnv, token?: TokenProvider): EventSettings {
  const parsed = variables.safeParse(environment);
  if (!parsed.success)
    throw new Error(`The environment has no valid event settings:\n${z.prettifyError(parsed.error)}`);
  const { data } = parsed;
  const { KAFKA_SSL_CA_LOCATION: location } = data;
  return {
    connection: {
      brokers: data.KAFKA_BOOTSTRAP_SERVERS.split(","),
      ...(location === undefined ? {} : { certificateAuthority: readFileSync(location, "utf8") }),
      authentication:
        data.KAFKA_SASL_MECHANISM === "OAUTHBEARER" ? (token ?? tokensOf(data.AWS_REGION)) : credentials(data),
    },
    routes: data.OMEGA_EVENTS,
  };
}

function credentials(data: z.infer<typeof variables>): Credentials {
  return {
    username: required("KAFKA_USERNAME", data.KAFKA_USERNAME),
    password: required("KAFKA_PASSWORD", data.KAFKA_PASSWORD),
  };
}

const tokensOf = (region: string | undefined): TokenProvider =>
  awsTokenProvider(required("AWS_REGION, or a token provider,", region));

function required<Value>(name: string, value: Value | undefined): Value {
  if (value === undefined) throw new Error(`The environment has no valid event settings: ${name} is missing.`);
  return value;
}
