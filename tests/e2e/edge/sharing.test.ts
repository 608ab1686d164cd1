import { TestEdge } from "./fixture";

jest.setTimeout(60_000);

const edge = new TestEdge();
beforeAll(() => edge.start());
afterAll(() => edge.stop());

const cachedFor = (control: string): void => {
  for (const region of edge.regions) {
    region.handler = (_, response) => response.setHeader("cache-control", control).end("answer");
  }
};

test("what is private, or was asked for with a token, is nobody else's", async () => {
  cachedFor("private, max-age=60");
  const url = "https://shop.test/products/private";
  for (let index = 0; index < 2; index++) await (await edge.fetch(url)).text();
  expect(edge.seen).toHaveLength(2);
  cachedFor("public, max-age=60");
  const headers = { authorization: "Bearer x" };
  for (let index = 0; index < 2; index++) await (await edge.fetch(`${url}/2`, { headers })).text();
  expect(edge.seen).toHaveLength(4);
});
