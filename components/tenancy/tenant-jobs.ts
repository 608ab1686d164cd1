import type { types } from "@pulumi/kubernetes";
import type { DatabaseAdministration } from "../database/engines/administration";
import type { ExportStep } from "../database/content/tenant-steps";
import type { DatabaseJob } from "../database/jobs";
import { restricted } from "../service/pod";
import { resourceRequirements } from "../service/size";

/** An object store that speaks S3, outside the cluster. */
export interface ExportBucket {
  bucket: string;
  /** Of the bucket; `auto` for R2. */
  region: string;
  /** With https. Default: AWS'. */
  endpoint?: string;
  /** Secret in the database's namespace with an AWS credentials file. */
  credentials: { name: string; key: string };
}

/** GiB that one tenant's rows may have: they are on the node's disk on their way. */
const exportGibibytes = 20;

const folder = "/export";

/** The statements of an export as files, in their order, each with its database and the name of what it gives. */
export function exportFiles(steps: readonly ExportStep[]): Record<string, string> {
  return Object.fromEntries(
    steps.flatMap(({ database, statement, file }, index) => {
      const number = String(index + 1).padStart(4, "0");
      return [
        [`${number}.sql`, `${statement};\n`],
        [`${number}.database`, database],
        [`${number}.file`, file],
      ];
    }),
  );
}

/** Reads into a folder; sums are made last, so that what lacks them is no whole export. */
export const readScript = (run: string): string => `run() {
${run}
}
for statement in "$CONTENT"/*.sql; do
  step="\${statement%.sql}"
  file="$(cat "$step.file").csv"
  run "$statement" "$(cat "$step.database")" > "$EXPORT/$file"
  echo "$file: $(wc -c < "$EXPORT/$file") bytes"
done
cd "$EXPORT"
sha256sum -- *.csv > SHA256SUMS
`;

/** Sends the folder, its sums last, and fails unless the store then has as many objects. */
export const sendScript = `cd "$EXPORT"
target="s3://$BUCKET/$PREFIX"
aws s3 cp . "$target" --recursive --exclude SHA256SUMS --only-show-errors
aws s3 cp SHA256SUMS "\${target}SHA256SUMS" --only-show-errors
expected="$(ls | wc -l)"
found="$(aws s3 ls "$target" | wc -l)"
if [ "$found" -lt "$expected" ]; then echo "$target has $found of $expected objects" >&2; exit 1; fi
echo "$expected objects are in $target"
`;

export interface ExportJobArgs {
  administration: DatabaseAdministration;
  tenant: string;
  to: ExportBucket;
  /** ConfigMap of `exportFiles`. */
  configMapName: types.input.core.v1.ConfigMapVolumeSource["name"];
  /** With the AWS CLI. */
  image: string;
}

/** Reads with the database's client, then sends with the AWS CLI: no image has both. */
export function exportJob({
  administration,
  tenant,
  to,
  configMapName,
  image,
}: ExportJobArgs): Omit<DatabaseJob, "name"> {
  const exported = { name: "export", mountPath: folder };
  const content = { name: "statements", mountPath: "/content", readOnly: true };
  const { run, env, volumes, volumeMounts } = administration;
  return {
    image,
    script: sendScript,
    env: [
      { name: "EXPORT", value: folder },
      { name: "BUCKET", value: to.bucket },
      { name: "PREFIX", value: `tenants/${tenant}/` },
      { name: "AWS_REGION", value: to.region },
      ...(to.endpoint === undefined ? [] : [{ name: "AWS_ENDPOINT_URL", value: to.endpoint }]),
      { name: "AWS_SHARED_CREDENTIALS_FILE", value: "/credentials/aws" },
    ],
    sidecars: [
      {
        name: "read",
        image: administration.image,
        command: ["/bin/sh", "-ceu", readScript(run)],
        env: [
          { name: "HOME", value: "/tmp" },
          { name: "CONTENT", value: content.mountPath },
          { name: "EXPORT", value: folder },
          ...env,
        ],
        resources: resourceRequirements({ cpu: "100m", memory: "256Mi" }),
        securityContext: restricted,
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, content, exported, ...volumeMounts],
      },
    ],
    volumeMounts: [exported, { name: "credentials", mountPath: "/credentials", readOnly: true }],
    volumes: [
      { name: "export", emptyDir: { sizeLimit: `${exportGibibytes}Gi` } },
      { name: "statements", configMap: { ...(configMapName === undefined ? {} : { name: configMapName }) } },
      {
        name: "credentials",
        secret: { secretName: to.credentials.name, items: [{ key: to.credentials.key, path: "aws" }] },
      },
      ...volumes,
    ],
  };
}
