import { accessRulesOf, allows, clusterOf, hasTopic, subscriptionsOf, type Topic, topicsOf } from "./kafka";
import { dataMetadata } from "./data-metadata";
import { definePolicy, type Finding } from "./policy";
import { some, unknown, type Answer } from "./values";

export const deadLetters = definePolicy<object>({
  metadata: dataMetadata.deadLetters,
  settings: {},
  stack: (resources) => {
    const topics = topicsOf(resources);
    return [
      ...topics.flatMap((topic) => checkRetries(topic, topics)),
      ...subscriptionsOf(resources, topics).flatMap(({ user, path, consumer, topic }): Finding[] => {
        const name = `${topic}.${consumer}.dead-letter`;
        const exists = hasTopic(topics, name, clusterOf(user));
        if (exists === false) {
          const reason = `${consumer} reads ${topic}, and there is no topic ${name} for what it fails to handle`;
          return [{ resource: user, path, reason }];
        }
        const mayWrite = some(accessRulesOf(user).map((rule) => allows(rule, "Write", "topic", name)));
        const reason = `${consumer} may not write to ${name}, where it has to put what it fails to handle`;
        return exists === true && mayWrite === false ? [{ resource: user, path, reason }] : [];
      }),
    ];
  },
});

/** `<topic>.<consumer>.retry-<attempt>` */
const retryName = /^(.+)\.retry-\d+$/;
/** `<topic>.<consumer>.dead-letter` */
const deadLetterName = /\.dead-letter$/;

export function isRetry({ name }: Topic): Answer {
  return name === unknown ? unknown : retryName.test(String(name));
}

export function isDeadLetter({ name }: Topic): Answer {
  return name === unknown ? unknown : deadLetterName.test(String(name));
}

/** The last try has somewhere to go. */
function checkRetries({ resource, name, namePath, cluster }: Topic, topics: readonly Topic[]): Finding[] {
  const [, subscription] = (typeof name === "string" && retryName.exec(name)) || [];
  if (subscription === undefined || hasTopic(topics, `${subscription}.dead-letter`, cluster) !== false) return [];
  const reason = `there is no topic ${subscription}.dead-letter for what fails to the last`;
  return [{ resource, path: namePath, reason }];
}
