import { creationTime, digest } from "./aws-facts";
import { between, everyOne, jsonObject, matches, oneOf } from "./checks";
import { bool, created, identifier } from "./cloudflare-facts";
import { type Check, replaces, type ResourceType, updates } from "./table";
import type { Properties } from "../stand-in";
import { isObject } from "../wire";

/** https://developers.cloudflare.com/logs/logpush/logpush-job/datasets/ */
const datasets =
  "access_requests audit_logs audit_logs_v2 biso_user_actions casb_findings device_posture_results " +
  "dex_application_tests dex_device_state_events dlp_forensic_copies dns_firewall_logs dns_logs email_security_alerts " +
  "email_security_post_delivery_events firewall_events gateway_dns gateway_http gateway_network http_requests ipsec_logs " +
  "magic_ids_detections mcp_portal_logs mnm_flow_logs nel_reports network_analytics_logs page_shield_events " +
  "sinkhole_http_logs spectrum_events ssh_logs turnstile_events warp_config_changes warp_toggle_changes " +
  "websocket_analytics workers_trace_events zaraz_events zero_trust_network_sessions";

const orZero =
  (minimum: number, maximum: number): Check =>
  (value) =>
    value === 0 ? undefined : between(minimum, maximum)(value);

/** A destination holds credentials, so it stays out of the message. */
const destination: Check = (value) =>
  /^[a-z][a-z0-9+.-]*:\/\/./.test(String(value)) ? undefined : "must be a destination such as r2:// or https://";

const isoTime = matches(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, "a time such as 2026-01-31T00:00:00Z");

const policy: Check = (value) => {
  if (!isObject(value)) return "a policy must be an object";
  const { effect, permissionGroups, resources } = value;
  if (effect !== "allow" && effect !== "deny") return "a policy's effect must be allow or deny";
  if (!Array.isArray(permissionGroups) || permissionGroups.length === 0) return "a policy must have permission groups";
  const reason = jsonObject(resources);
  return reason === undefined ? undefined : `a policy's resources ${reason}`;
};

const policies: Check = (value) =>
  Array.isArray(value) && value.length > 0 ? everyOne(policy)(value) : "must have a policy";

const timesProblem = ({ expiresOn, notBefore }: Properties): string | undefined =>
  expiresOn !== undefined && notBefore !== undefined && String(expiresOn) <= String(notBefore)
    ? "must be after notBefore"
    : undefined;

export const cloudflareAccountTypes: Record<string, ResourceType> = {
  "cloudflare:index/logpushJob:LogpushJob": {
    inputs: {
      ...replaces("accountId dataset zoneId"),
      ...updates("destinationConf enabled filter filterAttackTraffic frequency kind logpullOptions maxUploadBytes"),
      ...updates("maxUploadIntervalSeconds maxUploadRecords name outputOptions ownershipChallenge"),
    },
    required: ["destinationConf"],
    defaults: () => ({ dataset: "http_requests", enabled: false, filter: "", kind: "", name: "" }),
    // https://developers.cloudflare.com/api/resources/logpush/subresources/jobs/methods/create/
    checks: {
      accountId: identifier,
      zoneId: identifier,
      dataset: oneOf(...datasets.split(" ")),
      destinationConf: destination,
      enabled: bool,
      filter: (value) => (value === "" ? undefined : jsonObject(value)),
      kind: oneOf("", "edge"),
      // Bytes, seconds and lines; 0 is off.
      maxUploadBytes: orZero(5_000_000, 1_000_000_000),
      maxUploadIntervalSeconds: orZero(30, 300),
      maxUploadRecords: orZero(1000, 1_000_000),
      name: matches(/^[a-zA-Z0-9.-]{0,512}$/, "at most 512 letters, digits, dots and hyphens"),
      "outputOptions.outputType": oneOf("ndjson", "csv"),
      "outputOptions.sampleRate": between(0, 1),
      "outputOptions.timestampFormat": oneOf("unixnano", "unix", "rfc3339", "rfc3339ms", "rfc3339ns"),
    },
    combinations: [
      {
        reads: ["zoneId", "accountId"],
        problem: ({ zoneId, accountId }) =>
          (zoneId === undefined) === (accountId === undefined)
            ? "either accountId or zoneId must be set, not both"
            : undefined,
      },
    ],
    // A number that grows in the real one.
    id: (_, hex) => String(1 + (Number.parseInt(hex(7), 16) % 99_999_999)),
    outputs: {},
    secrets: ["destinationConf", "ownershipChallenge"],
  },
  "cloudflare:index/apiToken:ApiToken": {
    inputs: updates("condition expiresOn name notBefore policies status"),
    required: ["name", "policies"],
    defaults: () => ({ status: "active" }),
    // https://developers.cloudflare.com/api/resources/user/subresources/tokens/methods/create/
    checks: {
      name: matches(/^.{1,120}$/, "1 to 120 characters"),
      policies,
      expiresOn: isoTime,
      notBefore: isoTime,
      status: oneOf("active", "disabled", "expired"),
    },
    combinations: [{ reads: ["expiresOn", "notBefore"], problem: timesProblem }],
    id: (_, hex) => hex(32),
    outputs: {
      issuedOn: () => creationTime,
      modifiedOn: created.modifiedOn,
      // 40 characters that open nothing.
      value: ({ id }) => digest(`token ${id}`, 40),
    },
    secrets: ["value"],
  },
};
