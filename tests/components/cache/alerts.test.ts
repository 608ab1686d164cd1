import { readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheAlerts } from "../../../components/cache/alerts";
import { CacheEngine, EvictionPolicy } from "../../../components/cache/engines/engine";
import { withDefaults } from "../../../components/cache/settings";

const rulesOf = (given: object, runbooksUrl?: string) => {
  const args = { engine: CacheEngine.Dragonfly, clientsNamespace: "shop", clients: ["cart"], ...given };
  const groups = cacheAlerts({ ...withDefaults(args), name: "cache", namespace: "cache" }, runbooksUrl);
  return groups.flatMap(({ rules }) => rules).filter((rule) => "alert" in rule);
};
const namesOf = (given: object) => rulesOf(given).map(({ alert }) => alert);

test("each alert leads to a section of the runbooks that says what to do", () => {
  const runbooks = readFileSync(join(__dirname, "../../../docs/runbooks.md"), "utf8");
  const sections = new Map(runbooks.split(/^## /m).map((section) => [section.split("\n")[0], section]));
  for (const { alert, annotations } of rulesOf({ snapshots: {} }, "https://runbooks.example.com")) {
    expect(annotations.runbook_url).toBe(`https://runbooks.example.com#${alert.toLowerCase()}`);
    for (const part of ["Means", "Impact", "Find out", "Do"]) expect(sections.get(alert)).toContain(`**${part}**`);
  }
});

test("nobody is told of what there isn't: replicas of one pod, snapshots, evictions where nothing is evicted", () => {
  expect(namesOf({ snapshots: {} })).toEqual(
    expect.arrayContaining(["CacheReplicaMissing", "CacheSnapshotTooOld", "CacheTooSmall"]),
  );
  expect(namesOf({ replicas: 1 })).not.toContain("CacheReplicaMissing");
  expect(namesOf({})).not.toContain("CacheSnapshotTooOld");
  expect(namesOf({ evictionPolicy: EvictionPolicy.Never })).not.toContain("CacheTooSmall");
});

test("every alert says whose it is", () => {
  for (const { labels } of rulesOf({ snapshots: {} })) {
    expect(labels).toMatchObject({ namespace: "cache", cache: "cache" });
  }
});
