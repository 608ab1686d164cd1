import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEventSchemas } from "../../runtime/events";
import { EventValidator } from "../../runtime/events/schemas";
import { writeEventSchemas } from "../../stacks/event-schema-files";
import { planned } from "./planned";

const folder = mkdtempSync(join(tmpdir(), "event-schemas-"));
beforeAll(() => writeEventSchemas("dev", folder));
afterAll(() => rmSync(folder, { recursive: true }));

test("services read what the registry is told", async () => {
  const { resources } = await planned("dev");
  const told = resources
    .flatMap(({ props }) => Object.values((props as { data?: Record<string, unknown> }).data ?? {}))
    .flatMap((text) => (typeof text === "string" && text.includes('"firstVersion"') ? [JSON.parse(text)] : []))
    .map(({ artifactId, firstVersion }) => [`${artifactId}/${firstVersion.version}`, firstVersion.content.content]);
  const { envelope, data } = readEventSchemas(folder);
  const read = [["envelope/1", envelope], ...Object.entries(data)];
  const registered = told.map(([name, content]) => [name, JSON.parse(content)]);
  expect(read.length).toBeGreaterThan(1);
  expect(Object.fromEntries(read)).toEqual(Object.fromEntries(registered));
});

test("an entity's event is valid by them, and without what it needs is not", () => {
  const validator = new EventValidator(readEventSchemas(folder));
  const now = new Date().toISOString();
  const user = { id: "user-1", type: "user", version: 1, createdAt: now, updatedAt: now };
  const event = (data: object) => ({ type: "user.created", version: 1, data });
  const whole = { ...user, data: { email: "ada@example.com", name: "Ada" } };
  expect(() => validator.assertData(event(whole))).not.toThrow();
  expect(() => validator.assertData(event(user))).toThrow("required property 'data'");
});
