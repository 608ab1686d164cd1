import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { type ArgumentProblem, refuse } from "../arguments";
import { exportSteps, type LeavingTenant, removalSteps } from "../database/content/tenant-steps";
import type { KeyspaceContent } from "../database/content/vitess";
import { Dialect } from "../database/dialect";
import type { DatabaseAdministration } from "../database/engines/administration";
import { type DatabaseJob, jobLabels, jobPod } from "../database/jobs";
import { applySteps, stepFiles } from "../database/migration";
import { type ExportBucket, exportFiles, exportJob } from "./tenant-jobs";

export interface TenantOffboardingArgs {
  tenant: LeavingTenant;
  /** All that the database has; the tenant's part of it is found by how it is apart. */
  keyspaces: KeyspaceContent[];
  /** Of a database of PostgreSQL's dialect. */
  administration: DatabaseAdministration;
  /** Where its rows go, as CSV. Default: nowhere, because somebody has kept them by other means. */
  exportTo?: ExportBucket;
  /** Whether its rows go, after an export that has ended. Default false. */
  deleteData?: boolean;
  /** Image of the AWS CLI. */
  image?: string;
}

/** Seconds until a job has failed. */
const deadlineSeconds = 4 * 3600;

const defaultImage = "public.ecr.aws/aws-cli/aws-cli:2.31.9";

/**
 * A tenant that leaves: a Job exports its rows to a bucket, and later another one deletes them. An update waits for both; one
 * that fails is tried again by the next update, under the same name, once it is deleted.
 */
export class TenantOffboarding extends pulumi.ComponentResource {
  /** Whether what was asked for has ended; known once it has. */
  readonly isDone: pulumi.Output<boolean>;

  constructor(name: string, args: TenantOffboardingArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:TenantOffboarding", name, {}, options);
    refuse(`TenantOffboarding "${name}"`, offboardingProblems(args));
    const { tenant, keyspaces, administration, exportTo, deleteData = false } = args;
    const { namespace, run, env, volumes, volumeMounts, image } = administration;
    const jobs: kubernetes.batch.v1.Job[] = [];
    // What is being deleted is not read again, or an export would be overwritten by what is left.
    if (exportTo !== undefined && !deleteData) {
      const files = exportFiles(exportSteps(keyspaces, tenant));
      const content = this.content(`${name}-export`, namespace, files);
      const job = exportJob({
        ...{ administration, tenant: tenant.id, to: exportTo },
        ...{ configMapName: content.metadata.name, image: args.image ?? defaultImage },
      });
      this.reach(`${name}-export`, namespace, [administration.port, 443]);
      jobs.push(this.job(`${name}-export`, namespace, [files, job.script, exportTo], job, content));
    }
    if (deleteData) {
      const files = stepFiles(removalSteps(keyspaces, tenant));
      const content = this.content(`${name}-removal`, namespace, files);
      const script = applySteps(run);
      const mounted = volumes.length === 0 ? {} : { volumes, volumeMounts };
      this.reach(`${name}-removal`, namespace, [administration.port]);
      const job = { image, script, env, configMapName: content.metadata.name, ...mounted };
      jobs.push(this.job(`${name}-removal`, namespace, [files, script], job, content));
    }
    this.isDone = pulumi
      .all(jobs.map(({ status }) => status))
      .apply((all) => all.every((each) => each.succeeded === 1));
    this.registerOutputs({ isDone: this.isDone });
  }

  private content(
    name: string,
    namespace: pulumi.Input<string>,
    data: Record<string, string>,
  ): kubernetes.core.v1.ConfigMap {
    return new kubernetes.core.v1.ConfigMap(
      `${name}-content`,
      { metadata: { name, namespace }, data },
      { parent: this },
    );
  }

  private reach(name: string, namespace: pulumi.Input<string>, ports: number[]): void {
    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-network`,
      {
        metadata: { name, namespace },
        spec: {
          podSelector: { matchLabels: jobLabels(name) },
          policyTypes: ["Egress"],
          egress: [{ ports: ports.map((port) => ({ port, protocol: "TCP" })) }],
        },
      },
      { parent: this },
    );
  }

  private job(
    name: string,
    namespace: pulumi.Input<string>,
    content: unknown[],
    job: Omit<DatabaseJob, "name">,
    ...dependsOn: pulumi.Resource[]
  ): kubernetes.batch.v1.Job {
    const digest = createHash("sha256").update(JSON.stringify(content)).digest("hex").slice(0, 10);
    return new kubernetes.batch.v1.Job(
      `${name}-job`,
      {
        metadata: { name: `${name}-${digest}`, namespace },
        spec: { backoffLimit: 4, activeDeadlineSeconds: deadlineSeconds, template: jobPod({ ...job, name }) },
      },
      { parent: this, dependsOn, customTimeouts: { create: `${deadlineSeconds}s` } },
    );
  }
}

function offboardingProblems(args: TenantOffboardingArgs): ArgumentProblem[] {
  const { administration, exportTo, keyspaces, tenant } = args;
  const { dialect } = administration;
  return [
    ...(exportTo !== undefined && exportSteps(keyspaces, tenant).length === 0
      ? [{ path: "exportTo", reason: `has nothing to take: no declared table has rows of ${tenant.id}` }]
      : []),
    ...(dialect === Dialect.PostgreSql
      ? []
      : [{ path: "administration.dialect", reason: `is ${dialect}: tenants are apart in PostgreSQL's dialect alone` }]),
    ...(exportTo?.endpoint === undefined || exportTo.endpoint.startsWith("https://")
      ? []
      : [{ path: "exportTo.endpoint", reason: `"${exportTo.endpoint}" must begin with https://` }]),
  ];
}
