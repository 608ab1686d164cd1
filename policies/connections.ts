import { type Demands, isMissingOr, isNotFalse, isNotTrue, isSet, isTrue, judge } from "./demands";
import { kindOf } from "./kubernetes";
import { dataMetadata } from "./data-metadata";
import { definePolicy, type Finding, type Resource } from "./policy";
import { stores } from "./stores";
import { at, equal, every, list, some, unknown, type Value } from "./values";

const readable = "so whoever is on the way can read and change it";
const optional = "so clients may leave encryption out";
const anybody = "so whoever reaches it is let in";

/** The groups that are there for everybody change nothing. */
const isOwn = (value: Value): boolean => isSet(value) && !String(value).startsWith("default.");

const demands: Demands = {
  [stores.kafka]: [
    ["spec.kafka.listeners[].tls", isTrue, readable],
    ["spec.kafka.listeners[].authentication", isSet, anybody],
  ],
  [stores.vitess]: [
    ["spec.cells[].gateway.secureTransport.tls", isSet, readable],
    ["spec.cells[].gateway.secureTransport.required", isTrue, optional],
    ["spec.cells[].gateway.authentication.static.secret", isSet, anybody],
  ],
  [stores.dragonfly]: [
    ["spec.tlsSecretRef", isSet, readable],
    ["spec.authentication", isSet, anybody],
  ],
  [stores.msk]: [
    ["encryptionInfo.encryptionInTransit.clientBroker", isMissingOr((value) => value === "TLS"), readable],
    ["encryptionInfo.encryptionInTransit.inCluster", isNotFalse, readable],
    ["clientAuthentication", isSet, anybody],
    ["clientAuthentication.unauthenticated", isNotTrue, anybody],
  ],
  [stores.rds]: [
    ["dbClusterParameterGroupName", isOwn, "so its engine's default may let clients leave encryption out"],
  ],
  [stores.rdsProxy]: [["requireTls", isTrue, optional]],
  [stores.cacheGroup]: [
    ["transitEncryptionEnabled", isTrue, readable],
    ["transitEncryptionMode", (value) => value !== "preferred", optional],
  ],
  [stores.cacheServerless]: [["userGroupId", isSet, anybody]],
};

export const encryptedConnections = definePolicy<object>({
  metadata: dataMetadata.encryptedConnections,
  settings: {},
  resource: (resource) => [...judge(resource, demands), ...(checks[kindOf(resource)]?.(resource) ?? [])],
});

const userDemands: Demands = {
  [stores.cacheUser]: [
    ["noPasswordRequired", isNotTrue, anybody],
    ["authenticationMode.type", (value) => value !== "no-password-required", anybody],
  ],
};

/** What more than one property decides. */
const checks: Record<string, (resource: Resource) => Finding[]> = {
  [stores.rdsParameters]: (resource) => {
    const family = at(resource.props, "family");
    const parameters = at(resource.props, "parameters");
    if (typeof family !== "string" || parameters === unknown) return [];
    const [name, on] = family.includes("mysql")
      ? (["require_secure_transport", /^(on|1)$/i] as const)
      : (["rds.force_ssl", /^1$/] as const);
    const isOn = list(parameters).map((parameter) =>
      every([
        equal(at(parameter, "name"), name),
        at(parameter, "value") === unknown ? unknown : on.test(String(at(parameter, "value"))),
      ]),
    );
    return some(isOn) === false ? [{ resource, path: "parameters", reason: `don't turn ${name} on, ${optional}` }] : [];
  },
  [stores.cacheGroup]: (resource) => {
    const means = ["authToken", "authTokenWo", "userGroupIds"].map((field) => at(resource.props, field));
    const isOpen = means.every((each) => each !== unknown && !isSet(each));
    return isOpen
      ? [{ resource, path: "authToken", reason: `is not set, and no userGroupIds either, ${anybody}` }]
      : [];
  },
  [stores.cacheUser]: (resource) => {
    const access = at(resource.props, "accessString");
    const isOff = typeof access !== "string" || /^off\b/.test(access);
    return isOff ? [] : judge(resource, userDemands);
  },
};
