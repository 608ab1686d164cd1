import { layoutOutput, previousLayout } from "../../stacks/previous";
import { TestRehearsal } from "./support";

jest.setTimeout(600_000);

const rehearsal = new TestRehearsal();
afterAll(() => rehearsal.remove());

test("a stack knows what its last update made, in previews too, and nothing before the first", async () => {
  const seen: unknown[] = [];
  let partitions = 6;
  const stack = await rehearsal.stack("layout", async () => {
    seen.push(await previousLayout());
    return { [layoutOutput]: { partitions: { orders: partitions }, shards: {} } };
  });
  const nothing = { partitions: {}, shards: {}, tenants: {} };
  const six = { ...nothing, partitions: { orders: 6 } };

  await stack.preview();
  await stack.up();
  partitions = 12;
  await stack.preview();
  await stack.up();
  expect(seen).toEqual([nothing, nothing, six, six]);

  await stack.destroy();
  await stack.preview();
  expect(seen.at(-1)).toEqual(nothing);
});
