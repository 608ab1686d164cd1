import { arn, missing, ownerId, regional, regionOf, tagsAll } from "./aws-facts";
import { matches, oneOf } from "./checks";
import { type Facts, type Neighbours, replaces, type ResourceType, updates } from "./table";

const bucket = "aws:s3/bucket:Bucket";
const bucketPolicy = "aws:s3/bucketPolicy:BucketPolicy";
const detector = "aws:guardduty/detector:Detector";
const trail = "aws:cloudtrail/trail:Trail";

// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
function refuseTrail({ inputs }: Facts, neighbours: Neighbours): string | undefined {
  const { s3BucketName } = inputs;
  const absent = missing(neighbours, bucket, s3BucketName, "S3BucketDoesNotExistException");
  if (absent !== undefined) return absent;
  const policies = neighbours(bucketPolicy).filter(({ properties }) => properties.bucket === s3BucketName);
  return policies.some(({ properties }) => String(properties.policy).includes("cloudtrail.amazonaws.com"))
    ? undefined
    : `InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket: ${String(s3BucketName)}`;
}

/** What is of an account, not of what runs in it. */
export const accountTypes: Record<string, ResourceType> = {
  [detector]: {
    inputs: { ...replaces("region"), ...updates("datasources enable findingPublishingFrequency tags") },
    defaults: (settings) => ({ enable: true, ...regional(settings) }),
    checks: { findingPublishingFrequency: oneOf("FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS") },
    id: (_, hex) => hex(32),
    // https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html
    refuses: (_, neighbours) =>
      neighbours(detector).length > 0
        ? "BadRequestException: The request is rejected because a detector already exists for the current account."
        : undefined,
    outputs: {
      accountId: ownerId,
      arn: (facts) => arn("guardduty", facts, `detector/${facts.id}`),
      findingPublishingFrequency: () => "SIX_HOURS",
      tagsAll,
    },
  },
  "aws:guardduty/detectorFeature:DetectorFeature": {
    inputs: { ...replaces("detectorId name region"), ...updates("additionalConfigurations status") },
    required: ["detectorId", "status"],
    defaults: regional,
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DetectorFeatureConfiguration.html
    checks: {
      status: oneOf("ENABLED", "DISABLED"),
      name: oneOf(
        ...["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS"],
        ...["EKS_RUNTIME_MONITORING", "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING"],
      ),
    },
    id: ({ inputs }) => `${String(inputs.detectorId)}/${String(inputs.name)}`,
    refuses: ({ inputs }, neighbours) => missing(neighbours, detector, inputs.detectorId, "BadRequestException"),
    outputs: {},
  },
  [trail]: {
    inputs: {
      ...replaces("name region"),
      ...updates("advancedEventSelectors cloudWatchLogsGroupArn cloudWatchLogsRoleArn enableLogFileValidation"),
      ...updates("enableLogging eventSelectors includeGlobalServiceEvents insightSelectors isMultiRegionTrail"),
      ...updates("isOrganizationTrail kmsKeyId s3BucketName s3KeyPrefix snsTopicName tags"),
    },
    required: ["s3BucketName"],
    defaults: (settings) => ({
      ...{ enableLogFileValidation: false, enableLogging: true, includeGlobalServiceEvents: true },
      ...{ isMultiRegionTrail: false, isOrganizationTrail: false },
      ...regional(settings),
    }),
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-trail-naming-requirements.html
    checks: {
      name: matches(/^[0-9A-Za-z][\w.-]{1,126}[0-9A-Za-z]$/, "3 to 128 letters, digits and ._-"),
      kmsKeyId: matches(/^arn:/, "an ARN"),
    },
    id: (facts) => arn("cloudtrail", facts, `trail/${String(facts.inputs.name)}`),
    refuses: refuseTrail,
    taken: (id) => `TrailAlreadyExistsException: Trail ${String(id.split("/").at(-1))} already exists`,
    outputs: { arn: ({ id }) => id, homeRegion: regionOf, snsTopicArn: () => "", tagsAll },
  },
  "aws:budgets/budget:Budget": {
    inputs: {
      ...replaces("accountId name namePrefix"),
      ...updates("autoAdjustData billingViewArn budgetType costFilters costTypes filterExpression limitAmount"),
      ...updates("limitUnit metrics notifications plannedLimits tags timePeriodEnd timePeriodStart timeUnit"),
    },
    required: ["budgetType", "timeUnit"],
    defaults: () => ({ timePeriodEnd: "2087-06-15_00:00" }),
    autonamed: { property: "name" },
    // https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html
    checks: {
      budgetType: oneOf("USAGE", "COST", "RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION"),
      limitAmount: matches(/^\d+(\.\d+)?$/, "a number"),
      name: matches(/^[^:\\]{1,100}$/, "1 to 100 characters other than : and \\"),
      timeUnit: oneOf("DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY"),
    },
    id: (facts) => `${ownerId(facts)}:${String(facts.inputs.name)}`,
    taken: (id) => `DuplicateRecordException: Error creating budget: ${id} - the budget already exists.`,
    outputs: {
      accountId: ownerId,
      arn: (facts) => arn("budgets", facts, `budget/${String(facts.inputs.name)}`, ""),
      timePeriodStart: () => "2025-01-01_00:00",
      tagsAll,
    },
  },
};
