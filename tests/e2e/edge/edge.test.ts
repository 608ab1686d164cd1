import { TestEdge } from "./fixture";

jest.setTimeout(60_000);

const edge = new TestEdge();
beforeAll(() => edge.start());
afterAll(() => edge.stop());
beforeEach(() => edge.reset());

const cachedFor = (control: string, body = "answer"): void => {
  for (const region of edge.regions) {
    region.handler = (_, response) => response.setHeader("cache-control", control).end(body);
  }
};

test("a cold read goes to the nearest region, the second is served at the edge", async () => {
  cachedFor("public, max-age=60");
  const first = await edge.fetch("https://shop.test/products/1?utm_source=mail&b=2&a=1", { near: "ap-south" });
  expect(await first.text()).toBe("answer");
  expect(first.headers.get("x-region")).toBe("ap-south");
  const second = await edge.fetch("https://shop.test/products/1?a=1&b=2&gclid=9", { near: "ap-south" });
  expect(await second.text()).toBe("answer");
  expect(second.headers.get("server-timing")).toMatch(/cache;desc=(memory|centre)/);
  expect(second.headers.get("age")).toMatch(/^\d+$/);
  expect(edge.seen).toEqual(["ap-south /products/1?a=1&b=2"]);
});

test("an unknown host is answered 404 without a region being asked", async () => {
  const answer = await edge.fetch("https://nobody.test/products/2");
  expect(answer.status).toBe(404);
  expect(edge.seen).toEqual([]);
});
