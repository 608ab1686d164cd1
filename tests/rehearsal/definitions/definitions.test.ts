import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ownDefinitions, ownKinds } from "../../../rehearsal/definitions";

test("our own definitions are named as ours, with what they were written from", () => {
  expect(ownKinds()).toEqual([
    {
      type: "kubernetes:planetscale.com/v2:VitessCluster",
      kind: "VitessCluster",
      writtenFrom: "Vitess operator 2.17",
    },
    {
      type: "kubernetes:dragonflydb.io/v1alpha1:Dragonfly",
      kind: "Dragonfly",
      writtenFrom: "Dragonfly operator 1.6",
    },
  ]);
  const files = Object.values(ownDefinitions).flatMap((folder) =>
    readdirSync(folder).map((name) => join(folder, name)),
  );
  for (const file of files) expect(readFileSync(file, "utf8")).toMatch(/^# Ours: the \w+ operator's own definition/);
});
