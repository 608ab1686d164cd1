import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse, wholeNumberProblems } from "../arguments";
import { dataOptions, type ProtectionArgs } from "../data/protection";
import { keyPolicy, KeyUser } from "./key-policy";

/** What a disclosure would mean, from nothing to a breach that card schemes must be told of. */
export enum DataClass {
  Public = "public",
  Internal = "internal",
  Confidential = "confidential",
  Payment = "payment",
}

export interface DataKeysArgs extends ProtectionArgs {
  /** Classes that have a key; one at least, each once. Default internal, confidential and payment. */
  classes?: DataClass[];
  /** Aliases are `alias/<prefix>/<class>`. Letters, digits, `_` and `-`. */
  aliasPrefix: string;
  /** Services that use a class's key in nobody's name. Default: logs are internal. */
  users?: Partial<Record<DataClass, KeyUser[]>>;
  /** Days after which AWS changes what encrypts. Default 365, from 90 to 2560 (KMS's own limits). */
  rotationDays?: number;
  tags?: Record<string, pulumi.Input<string>>;
}

export const defaultDataClasses = [DataClass.Internal, DataClass.Confidential, DataClass.Payment];

/** Days for which a deleted key can be had back; 30 is the most that KMS allows. */
const deletionWindowInDays = 30;

/**
 * A KMS key for each class of data, so that who may read one class is one key's business: rotated, with an alias, kept when
 * its stack is destroyed, for what it encrypted would be lost with it.
 */
export class DataKeys extends pulumi.ComponentResource {
  /** By class; those that weren't asked for are missing. */
  readonly keyArns: Partial<Record<DataClass, pulumi.Output<string>>> = {};

  constructor(name: string, args: DataKeysArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:DataKeys", name, {}, options);
    const { classes = defaultDataClasses, rotationDays = 365 } = args;
    const { users = classes.includes(DataClass.Internal) ? { [DataClass.Internal]: [KeyUser.Logs] } : {} } = args;
    refuse(`DataKeys "${name}"`, keyProblems({ ...args, classes, users, rotationDays }));
    const child = { parent: this };
    for (const dataClass of classes) {
      const key = new aws.kms.Key(
        `${name}-${dataClass}`,
        {
          description: `Data of class ${dataClass}, ${args.aliasPrefix}`,
          enableKeyRotation: true,
          rotationPeriodInDays: rotationDays,
          deletionWindowInDays,
          policy: keyPolicy(users[dataClass] ?? [], child),
          tags: { ...args.tags, "omega-platform:data-class": dataClass },
        },
        { ...child, ...dataOptions(args) },
      );
      new aws.kms.Alias(
        `${name}-${dataClass}-alias`,
        { name: `alias/${args.aliasPrefix}/${dataClass}`, targetKeyId: key.keyId },
        child,
      );
      this.keyArns[dataClass] = key.arn;
    }
    this.registerOutputs({ keyArns: this.keyArns });
  }

  /** @throws pulumi.RunError where the class has no key */
  keyArn(dataClass: DataClass): pulumi.Output<string> {
    const found = this.keyArns[dataClass];
    if (found === undefined) throw new pulumi.RunError(`there is no key for data of class ${dataClass}`);
    return found;
  }
}

function keyProblems({
  classes = [],
  users = {},
  aliasPrefix,
  rotationDays,
}: Pick<DataKeysArgs, "classes" | "users" | "aliasPrefix" | "rotationDays">): ArgumentProblem[] {
  const known: string[] = classes;
  return [
    ...(classes.length === 0 ? [{ path: "classes", reason: "must name one at least" }] : []),
    ...classes
      .filter((each, index) => classes.indexOf(each) !== index)
      .map((each) => ({ path: "classes", reason: `must name ${each} once` })),
    ...Object.keys(users)
      .filter((each) => !known.includes(each))
      .map((each) => ({ path: `users.${each}`, reason: "must be one of the classes" })),
    ...(/^(?!aws$)[\w-]{1,200}$/.test(aliasPrefix)
      ? []
      : [{ path: "aliasPrefix", reason: `is "${aliasPrefix}", must be letters, digits, _ and -, and not "aws"` }]),
    ...wholeNumberProblems("rotationDays", rotationDays, 90, 2560),
  ];
}
