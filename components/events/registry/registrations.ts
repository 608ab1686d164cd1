import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type EventSchema, eventSchemasFolder } from "../event-schemas";

/** Group of the registry that all schemas are in. */
const registryGroup = "omega";

/** Of Apicurio's REST API. */
const registryApi = "/apis/registry/v3";

/** A request's body by file name; they are sent in the order of the names. */
export type Registrations = Record<string, string>;

/**
 * What the registry is to be told, as bodies of `POST`s: the group, the rule that what isn't JSON is refused, and each schema as
 * the version that the envelope names. Of compatibility it is told nothing: its own rule can't read JSON Schema 2020-12 and
 * answers with an error, so that is judged before anything is made.
 */
export function registrations(schemas: readonly EventSchema[]): Registrations {
  const all = [{ type: "envelope", version: 1, content: envelope() }, ...schemas.map(artifact)];
  const ofSchemas = all.map(({ type, version, content }, index): [string, unknown] => [
    `${String(index + 1).padStart(4, "0")}-${type}-${version}.artifact.json`,
    {
      artifactId: type,
      artifactType: "JSON",
      firstVersion: { version: String(version), content: { content, contentType: "application/json" } },
    },
  ]);
  const files: [string, unknown][] = [
    [
      "0000-group.json",
      { groupId: registryGroup, description: "Events of the platform: their envelope and their data" },
    ],
    ["0000-rule.json", { ruleType: "VALIDITY", config: "FULL" }],
    ...ofSchemas,
  ];
  return Object.fromEntries(files.map(([name, body]) => [name, JSON.stringify(body)]));
}

/** With a name of its own: two versions of the same content would be one to the registry. */
export const schemaDocument = ({ type, version, schema }: EventSchema): object => ({
  $id: `urn:omega:event:${type}:${version}`,
  ...schema,
});

const artifact = (schema: EventSchema) => ({
  ...{ type: schema.type, version: schema.version },
  content: JSON.stringify(schemaDocument(schema)),
});

const envelope = () => readFileSync(join(eventSchemasFolder, "envelope.json"), "utf8");

/**
 * Sends them, as a POSIX shell script with curl. It may run at any time: what is there already is left alone, and a version that
 * is there with other content ends it.
 *
 * @param folder with the bodies
 */
export const registrationScript = (folder: string): string => `
api="$REGISTRY_URL${registryApi}"
send() {
  answered="$(curl --silent --show-error --retry 30 --retry-delay 2 --retry-connrefused --max-time 10 \\
    --output /tmp/answer --write-out '%{http_code}' --header 'Content-Type: application/json' --data "@$2" "$api$1")"
  case " $3 " in *" $answered "*) return ;; esac
  echo "$2 is refused with $answered:" >&2
  cat /tmp/answer >&2
  if [ "$answered" = 409 ]; then echo "A version that is published never changes: add the next one." >&2; fi
  exit 1
}
send /groups ${folder}/0000-group.json "200 409"
send /groups/${registryGroup}/rules ${folder}/0000-rule.json "204 409"
for body in ${folder}/*.artifact.json; do
  send "/groups/${registryGroup}/artifacts?ifExists=FIND_OR_CREATE_VERSION" "$body" 200
done
`;
