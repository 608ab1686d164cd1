import { array, assert, constantFrom, property, string, stringMatching, tuple, webPath } from "fast-check";
import { forwardedHeaders, isRepeatable, normalQuery, readRequest } from "../../../../components/edge/worker/requests";

const limits = { urlBytes: 2048, headerBytes: 16_384, bodyBytes: 1000 };
const read = (url: string, init: RequestInit = {}) => readRequest(new Request(url, init), limits);
const status = (url: string, init: RequestInit = {}): number => {
  const answer = read(url, init);
  return answer instanceof Response ? answer.status : 200;
};
const at = (target: string) => `https://shop.test${target}`;

/** As it comes, where `new Request` would put it right before anybody sees it. */
const raw = (target: string): number => {
  const answer = readRequest({ method: "GET", url: at(target), headers: new Headers() } as Request, limits);
  return answer instanceof Response ? answer.status : 200;
};

test.each([
  "/a%2fb",
  "/a%2F..%2Fb",
  "/a%5cb",
  "/a\\b",
  "/a//b",
  "/a/../b",
  "/a/./b",
  "/a/..",
  "/%2e%2e/b",
  "/a%252fb",
  "/a%00b",
  "/a%0d%0aSet-Cookie:b",
  "/a;v=1",
  "/a%7f",
  "/a%",
  "/a%zz",
  "/a b",
  "/ä",
])("%s can be read in more than one way, and is refused", (target) => expect(raw(target)).toBe(400));

test.each(["/", "/products/1", "/products/a%20b", "/products/%C3%A4", "/a.b/..c/d...", "/a-b_c~d!$&'()*+,=:@"])(
  "%s is taken as it is",
  (target) => expect(raw(target)).toBe(200),
);

test("what is too long, too large, or no method of ours is refused", () => {
  expect(status(at(`/${"a".repeat(3000)}`))).toBe(414);
  expect(status(at("/"), { method: "POST", body: "x", headers: { "content-length": "5000" } })).toBe(413);
  expect(status(at("/"), { method: "PROPFIND" })).toBe(405);
});

test("hosts are compared without a port, and in small letters", () => {
  const request = { method: "GET", url: "https://SHOP.test:8443/a?b", headers: new Headers() } as Request;
  expect(readRequest(request, limits)).toEqual({ method: "GET", host: "shop.test", path: "/a", query: "?b" });
});

test("who sent the visitor is not asked on, and the order of fields makes no difference", () => {
  expect(normalQuery("utm_source=mail&b=2&a=1&gclid=x&fbclid=y&_ga=z")).toBe("?a=1&b=2");
  expect(normalQuery("utm_campaign=x")).toBe("");
  expect(normalQuery("size=2&size=1&colour=red")).toBe("?colour=red&size=2&size=1");
  expect(normalQuery("utm=1&gclids=2")).toBe("?gclids=2&utm=1");
});

test("any order of differently named fields is one query, and reading it again changes nothing", () => {
  const field = tuple(stringMatching(/^[a-z]{1,5}$/), stringMatching(/^[a-z0-9%]{0,5}$/));
  assert(
    property(array(field, { maxLength: 8 }), (fields) => {
      const unique = [...new Map(fields).entries()].map(([name, value]) => `${name}=${value}`);
      const normal = normalQuery(unique.join("&"));
      expect(normalQuery([...unique].reverse().join("&"))).toBe(normal);
      expect(normalQuery(normal.slice(1))).toBe(normal);
    }),
  );
});

test("whatever comes is refused or read, and what is read has one form", () => {
  const piece = constantFrom(
    "/",
    "a",
    "..",
    ".",
    "%2e",
    "%2f",
    "%",
    "\\",
    ";",
    "?",
    "&",
    "=",
    "#",
    "\u0000",
    "ä",
    "//",
    "%25",
  );
  const target = array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join("")}`);
  assert(
    property(constantFrom("GET", "POST", "TRACE", "x"), target, string(), (method, path, rest) => {
      const answer = readRequest({ method, url: at(path + rest), headers: new Headers() } as Request, limits);
      if (answer instanceof Response) return expect([400, 405, 413, 414]).toContain(answer.status);
      // No reader of addresses finds another path in it.
      expect(new URL(at(answer.path)).pathname).toBe(answer.path);
      expect(answer.path).not.toMatch(/%2f|\\|\/\/|\/\.\.?(\/|$)/i);
    }),
    { numRuns: 2000 },
  );
});

test("ordinary addresses are read as they are", () => {
  assert(
    property(webPath(), (path) => {
      if (!/^[\w/.~!$&'()*+,=:@-]*$/.test(path) || /\/\/|\/\.{1,2}(\/|$)/.test(`/${path}`)) return;
      expect(raw(path.startsWith("/") ? path : `/${path}`)).toBe(200);
    }),
  );
});

test("headers that name another address, or are the platform's to say, go no further", () => {
  const given = {
    "X-Forwarded-Host": "evil.test",
    "X-Original-URL": "/admin",
    "X-HTTP-Method-Override": "DELETE",
    "X-Omega-Tenant": "other",
    "X-Omega-Edge-Tenant": "other",
    Cookie: "a=b",
    "CF-Connecting-IP": "192.0.2.1",
  };
  const request = new Request(at("/"), { headers: given });
  expect(Object.fromEntries(forwardedHeaders(request, "shop.test", false))).toEqual({
    cookie: "a=b",
    "cf-connecting-ip": "192.0.2.1",
    "x-forwarded-host": "shop.test",
    "x-forwarded-proto": "https",
  });
  expect(Object.fromEntries(forwardedHeaders(request, "shop.test", true))).toEqual({
    "cf-connecting-ip": "192.0.2.1",
    "x-forwarded-host": "shop.test",
    "x-forwarded-proto": "https",
  });
});

test("what may be sent twice", () => {
  const repeatable = (method: string, headers: Record<string, string> = {}) =>
    isRepeatable(new Request(at("/"), { method, headers }));
  expect(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"].every((method) => repeatable(method))).toBe(true);
  expect(["POST", "PATCH"].some((method) => repeatable(method))).toBe(false);
  expect(repeatable("POST", { "idempotency-key": "1" })).toBe(true);
});
