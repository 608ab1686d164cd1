import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const username = "omega_admin";

interface MasterArgs {
  clusterName: string;
  keyArn: pulumi.Output<string>;
  isGlobal: boolean;
}

interface MasterCredentials {
  clusterArgs: Partial<aws.rds.ClusterArgs>;
  secretArnOf: (cluster: aws.rds.Cluster) => pulumi.Output<string>;
}

/**
 * The account that migrations use, whose password is in Secrets Manager. Amazon makes it and rotates it, but not for clusters
 * of a Global Database: there the first one is made here, and is to be rotated after the first update (docs/restore.md).
 */
export function masterCredentials(
  name: string,
  { clusterName, keyArn, isGlobal }: MasterArgs,
  options: pulumi.CustomResourceOptions,
): MasterCredentials {
  if (!isGlobal) {
    return {
      clusterArgs: {
        masterUsername: username,
        manageMasterUserPassword: true,
        masterUserSecretKmsKeyId: keyArn,
      },
      secretArnOf: (cluster) => cluster.masterUserSecrets.apply(([secret]) => secret?.secretArn ?? ""),
    };
  }
  const password = new random.RandomPassword(`${name}-master`, { length: 40, special: false }, options).result;
  const secret = new aws.secretsmanager.Secret(
    `${name}-master`,
    { namePrefix: `${clusterName}-master-`, description: "Account of the migrations", kmsKeyId: keyArn },
    options,
  );
  new aws.secretsmanager.SecretVersion(
    `${name}-master`,
    { secretId: secret.arn, secretString: pulumi.secret(pulumi.jsonStringify({ username, password })) },
    // Whoever rotates it writes another version, which an update must not take back.
    { ...options, ignoreChanges: ["secretString"] },
  );
  return { clusterArgs: { masterUsername: username, masterPassword: password }, secretArnOf: () => secret.arn };
}
