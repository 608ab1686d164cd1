import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type ArgumentProblem, refuse, wholeNumberProblems } from "../arguments";

export interface BudgetArgs {
  /** Of the budget, one for each in its account: 1 to 100 characters other than `:` and `\`. */
  budgetName: string;
  /** US dollars a month; a whole number from 1 to 100,000,000. */
  monthlyUsd: number;
  /**
   * Cost-allocation tags: what has any of them is counted. One at least. Keys as Budgets has them, `user:<key>` for those
   * that one sets and `aws:<key>` for those that AWS does; each must be activated in the payer's account.
   */
  tags: Record<string, pulumi.Input<string>>;
  /** Who is told. One address or one topic at least. */
  emails?: string[];
  /** ARNs of SNS topics that let `budgets.amazonaws.com` publish. */
  topicArns?: pulumi.Input<string>[];
}

/** Percent of the budget; what is forecast warns in time, what is spent is certain. */
export const budgetAlerts = [
  { threshold: 80, notificationType: "ACTUAL" },
  { threshold: 100, notificationType: "ACTUAL" },
  { threshold: 100, notificationType: "FORECASTED" },
] as const;

/** What may be spent in a month, and who is told at 80 and 100 percent of it, and when the forecast is above. */
export class Budget extends pulumi.ComponentResource {
  constructor(name: string, args: BudgetArgs, options?: pulumi.ComponentResourceOptions) {
    super("omega:index:Budget", name, {}, options);
    refuse(`Budget "${name}"`, budgetProblems(args));
    const { emails = [], topicArns = [] } = args;
    new aws.budgets.Budget(
      `${name}-budget`,
      {
        name: args.budgetName,
        budgetType: "COST",
        timeUnit: "MONTHLY",
        limitAmount: String(args.monthlyUsd),
        limitUnit: "USD",
        costFilters: [
          {
            name: "TagKeyValue",
            values: Object.entries(args.tags).map(([key, value]) => pulumi.interpolate`${key}$${value}`),
          },
        ],
        notifications: budgetAlerts.map((alert) => ({
          ...alert,
          comparisonOperator: "GREATER_THAN",
          thresholdType: "PERCENTAGE",
          subscriberEmailAddresses: emails,
          subscriberSnsTopicArns: topicArns,
        })),
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

function budgetProblems({ budgetName, monthlyUsd, tags, emails = [], topicArns = [] }: BudgetArgs): ArgumentProblem[] {
  return [
    ...(/^[^:\\]{1,100}$/.test(budgetName)
      ? []
      : [{ path: "budgetName", reason: `is "${budgetName}", must be 1 to 100 characters other than : and \\` }]),
    ...wholeNumberProblems("monthlyUsd", monthlyUsd, 1, 100_000_000),
    ...(Object.keys(tags).length === 0 ? [{ path: "tags", reason: "must name one at least" }] : []),
    ...Object.keys(tags)
      .filter((key) => !/^(user|aws):./.test(key))
      .map((key) => ({ path: `tags.${key}`, reason: "must begin with user: or aws:" })),
    ...(emails.length + topicArns.length === 0
      ? [{ path: "emails", reason: "must name one at least, or topicArns must" }]
      : []),
    ...emails
      .map((email, index) => ({ path: `emails[${index}]`, reason: `is "${email}", must be an address`, email }))
      .filter(({ email }) => !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email))
      .map(({ path, reason }) => ({ path, reason })),
    // https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_NotificationWithSubscribers.html
    ...(emails.length > 10 ? [{ path: "emails", reason: "must name ten at most" }] : []),
    ...(topicArns.length > 1 ? [{ path: "topicArns", reason: "must name one at most" }] : []),
  ];
}
