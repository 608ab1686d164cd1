import { cloudflareAccountTypes } from "./cloudflare-account";
import { cloudflareDnsTypes } from "./cloudflare-dns";
import { cloudflareHostnameTypes } from "./cloudflare-hostnames";
import { cloudflareHyperdriveTypes } from "./cloudflare-hyperdrive";
import { cloudflareLoadBalancingTypes } from "./cloudflare-load-balancing";
import { cloudflareOriginPullsTypes } from "./cloudflare-origin-pulls";
import { cloudflareQueuesTypes } from "./cloudflare-queues";
import { cloudflareRulesetTypes } from "./cloudflare-rulesets";
import { cloudflareStorageTypes } from "./cloudflare-storage";
import { cloudflareWorkersTypes } from "./cloudflare-workers";
import { cloudflareZoneTypes } from "./cloudflare-zone";
import type { PackageTable } from "./table";

export const cloudflareTable: PackageTable = {
  package: "cloudflare",
  arguments: ["apiKey", "apiToken", "apiUserServiceKey", "baseUrl", "email", "userAgentOperatorSuffix"],
  // Nothing depends on the account's credentials, so they go no further.
  settings: () => ({}),
  // Only tokens are neither in an account nor in a zone: they are the user's.
  place: ({ inputs }) => String(inputs.accountId ?? inputs.zoneId ?? "user"),
  types: {
    ...cloudflareStorageTypes,
    ...cloudflareDnsTypes,
    ...cloudflareHostnameTypes,
    ...cloudflareZoneTypes,
    ...cloudflareRulesetTypes,
    ...cloudflareLoadBalancingTypes,
    ...cloudflareOriginPullsTypes,
    ...cloudflareWorkersTypes,
    ...cloudflareQueuesTypes,
    ...cloudflareHyperdriveTypes,
    ...cloudflareAccountTypes,
  },
  functions: {},
};
