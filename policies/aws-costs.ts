import { amazon } from "./aws";
import { awsMetadata } from "./aws-metadata";
import { isSet } from "./demands";
import { ofKind } from "./kubernetes";
import { definePolicy, type Finding, isInStacks, type Resource } from "./policy";
import { at, isRecord, parsedJson, unknown, type Value } from "./values";

interface CostsConfig {
  stacks: string[];
  tags: string[];
}

export const costTags = definePolicy<CostsConfig>({
  metadata: awsMetadata.costTags,
  settings: {
    stacks: {
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["prod*"],
      description: "Stacks whose costs must be told apart; * stands for anything.",
    },
    tags: {
      type: "array",
      items: { type: "string", minLength: 1 },
      default: ["environment", "stack", "owner", "cost-center"].map((tag) => `omega-platform:${tag}`),
      description: "Keys that every resource must have.",
    },
  },
  resource: (resource, { stacks, tags }) =>
    isInStacks(resource, stacks) ? [...checkProvider(resource, tags), ...checkTagged(resource, tags)] : [],
});

/** Before an update this alone is known: the provider adds its tags to what it makes. Its arguments are JSON to the engine. */
function checkProvider(resource: Resource, wanted: string[]): Finding[] {
  return ofKind([resource], amazon.provider).flatMap(({ props }) => {
    const given = parsedJson(at(props, "defaultTags"));
    const tags = at(given, "tags");
    if (given === unknown || tags === unknown) return [];
    const absent = lacking(tags, wanted);
    return absent.length === 0
      ? []
      : [{ resource, path: "defaultTags.tags", reason: `lack ${absent.join(", ")}: whatever it makes is nobody's` }];
  });
}

/** What can be tagged has all of its tags, the provider's too, in one output. */
function checkTagged(resource: Resource, wanted: string[]): Finding[] {
  const path = "tagsAll";
  const tags = at(resource.props, path);
  if (!resource.type.startsWith("aws:") || !isRecord(tags)) return [];
  const absent = lacking(tags, wanted);
  return absent.length === 0 ? [] : [{ resource, path, reason: `lack ${absent.join(", ")}` }];
}

const lacking = (tags: Value, wanted: string[]): string[] =>
  wanted.filter((key) => at(tags, key) !== unknown && !isSet(at(tags, key)));
