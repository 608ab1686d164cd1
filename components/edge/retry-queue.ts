import * as cloudflare from "@pulumi/cloudflare";
import * as pulumi from "@pulumi/pulumi";
import { dataOptions, type ProtectionArgs } from "../data/protection";

export interface RetryQueueArgs extends ProtectionArgs {
  accountId: pulumi.Input<string>;
  /** Unique in the account; the dead letters' is `<queueName>-dead-letters`. */
  queueName: string;
}

/** Two weeks, the most that Cloudflare keeps a message: https://developers.cloudflare.com/queues/platform/limits/ */
const retentionSeconds = 1_209_600;

/** Writes that no region took, kept until one does; what is given up on waits for somebody to look. */
export class RetryQueue extends pulumi.ComponentResource {
  readonly queueName: pulumi.Output<string>;
  readonly queueId: pulumi.Output<string>;
  readonly deadLetterQueueName: pulumi.Output<string>;

  constructor(name: string, args: RetryQueueArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:RetryQueue", name, {}, options);
    const { accountId, queueName } = args;
    const settings = { messageRetentionPeriod: retentionSeconds };
    const make = (suffix: string, of: string) =>
      new cloudflare.Queue(
        `${name}-${suffix}`,
        { accountId, queueName: of, settings },
        { parent: this, ...dataOptions(args) },
      );
    const queue = make("queue", queueName);
    this.queueName = queue.queueName;
    this.queueId = queue.queueId;
    this.deadLetterQueueName = make("dead-letters", `${queueName}-dead-letters`).queueName;
    this.registerOutputs({ queueName: this.queueName, deadLetterQueueName: this.deadLetterQueueName });
  }
}
