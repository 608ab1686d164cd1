import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse } from "../arguments";
import type { AwsStatement } from "../data/connection";

export interface PodRoleArgs {
  /** Name of the EKS cluster; its nodes run the Pod Identity agent, as those of Auto Mode do. */
  clusterName: pulumi.Input<string>;
  namespace: pulumi.Input<string>;
  /** ServiceAccount of the pods; it has one role only. */
  serviceAccount: string;
  /** All that they may do in AWS. One at least. */
  statements: AwsStatement[];
}

/** What the pods of a ServiceAccount may do in AWS, by credentials that last hours and are stored nowhere. */
export class PodRole extends pulumi.ComponentResource {
  readonly roleArn: pulumi.Output<string>;

  constructor(name: string, args: PodRoleArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:PodRole", name, {}, options);
    refuse(`PodRole "${name}"`, statementProblems(args.statements));
    const child = { parent: this };
    const role = new aws.iam.Role(
      `${name}-role`,
      {
        assumeRolePolicy: JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "pods.eks.amazonaws.com" },
              Action: ["sts:AssumeRole", "sts:TagSession"],
            },
          ],
        }),
      },
      child,
    );
    const policy = new aws.iam.RolePolicy(
      `${name}-policy`,
      {
        role: role.name,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: args.statements.map(({ actions, resources }) => ({
            Effect: "Allow",
            Action: actions,
            Resource: resources,
          })),
        }),
      },
      child,
    );
    new aws.eks.PodIdentityAssociation(
      `${name}-association`,
      {
        clusterName: args.clusterName,
        namespace: args.namespace,
        serviceAccount: args.serviceAccount,
        roleArn: role.arn,
      },
      // A pod that starts in between would have a role that allows nothing.
      { ...child, dependsOn: [policy] },
    );
    this.roleArn = role.arn;
    this.registerOutputs({ roleArn: this.roleArn });
  }
}

function statementProblems(statements: AwsStatement[]): ArgumentProblem[] {
  if (statements.length === 0) return [{ path: "statements", reason: "must have one at least" }];
  return statements.flatMap(({ actions, resources }, index) => [
    ...(actions.length === 0 ? [{ path: `statements[${index}].actions`, reason: "must name one at least" }] : []),
    ...(resources.length === 0 ? [{ path: `statements[${index}].resources`, reason: "must name one at least" }] : []),
    ...actions
      .filter((action) => action.includes("*"))
      .map((action) => ({ path: `statements[${index}].actions`, reason: `"${action}" must be one action, without *` })),
  ]);
}
