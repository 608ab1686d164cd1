import fc from "fast-check";
import { tenantHeader, tierHeader } from "../../../components/gateway/headers";
import { requestPatches } from "../../../components/gateway/requests";
import { bulkheadHeader, chaosHeader } from "../../../components/mesh/routing";

interface HeaderMutation {
  remove?: string;
  remove_on_match?: { key_matcher: { prefix: string; ignore_case: boolean } };
  append?: { header: { key: string; value: string }; append_action: string };
}
const values = requestPatches(false).map(({ patch }) => patch.value);
const { match, direct_response: answer } = values.find((value) => "direct_response" in value) ?? {};
const { typed_config } = values.find((value) => "typed_config" in value) ?? {};
const mutations: Record<string, HeaderMutation[]> = typed_config.mutations;

/** As Envoy does it: the whole path must match. */
const isRefused = (path: string) => new RegExp(`^(?:${match.safe_regex.regex})$`).test(path);

const plain = fc.constantFrom(
  "a",
  "Z",
  "0",
  "2",
  "f",
  "5",
  "c",
  "-",
  "_",
  "~",
  ".",
  "/",
  "%C3%A9",
  "%20",
  "%2B",
  "%25",
);
const pathOf = (piece: fc.Arbitrary<string>) =>
  fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join("")}`);
const anyCase = (text: string) =>
  fc
    .array(fc.boolean(), { minLength: text.length, maxLength: text.length })
    .map((isUpper) => [...text].map((letter, index) => (isUpper[index] ? letter.toUpperCase() : letter)).join(""));

test("a path that is let through has the same segments for who decodes it twice", () => {
  fc.assert(
    fc.property(pathOf(plain), (path) => {
      fc.pre(!isRefused(path));
      const once = decodeURIComponent(path);
      const structure = (text: string) => text.replace(/[^./\\]/g, "");
      const twice = once.replace(/%[0-7][0-9a-f]/gi, decodeURIComponent);
      expect(structure(twice)).toBe(structure(once));
    }),
  );
});

test("a path with a parameter or a control character is refused, however it is written and wherever it is", () => {
  const control = fc.integer({ min: 0, max: 31 }).map((code) => `%${code.toString(16).padStart(2, "0")}`);
  const ambiguous = fc.oneof(control, fc.constantFrom(";", "%3b", "%7f", "%252e", "%252f", "%255c")).chain(anyCase);
  fc.assert(
    fc.property(pathOf(plain), ambiguous, pathOf(plain), (before, piece, after) => {
      expect(isRefused(`${before}${piece}${after}`)).toBe(true);
      expect(answer.status).toBe(400);
    }),
  );
});

test("names in any language, and what most paths are made of, are let through", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" }), { maxLength: 5 }), (segments) => {
      const path = `/${segments.map(encodeURIComponent).join("/")}`;
      fc.pre(!/%[01][0-9a-f]|%3b|%7f|%25/i.test(path));
      expect(isRefused(path)).toBe(false);
    }),
  );
});

test("nobody sends a header of the platform past the gateway, in whatever case; others arrive", () => {
  const isRemoved = (header: string, of: string) =>
    (mutations[of] ?? []).some(({ remove_on_match }) => {
      const { prefix, ignore_case } = remove_on_match?.key_matcher ?? { prefix: "?", ignore_case: false };
      return (ignore_case ? header.toLowerCase() : header).startsWith(prefix);
    });
  const ofPlatform = fc.constantFrom(tenantHeader, tierHeader, chaosHeader, bulkheadHeader).chain(anyCase);
  const other = fc.constantFrom("authorization", "content-type", "x-api-version", "x-request-id", "traceparent");
  fc.assert(
    fc.property(ofPlatform, other.chain(anyCase), (platform, allowed) => {
      for (const part of ["request_mutations", "request_trailers_mutations"]) {
        expect(isRemoved(platform, part)).toBe(true);
        expect(isRemoved(allowed, part)).toBe(false);
      }
    }),
  );
});

test("whatever a service answers, browsers get every security header, and nobody learns which software answers", () => {
  const securityHeaders = ["strict-transport-security", "x-content-type-options", "content-security-policy"];
  const revealing = ["server", "x-powered-by"];
  const answers = fc.dictionary(fc.constantFrom(...securityHeaders, ...revealing), fc.constantFrom("", "unsafe"));
  fc.assert(
    fc.property(answers, (given) => {
      const headers = new Map<string, string>(Object.entries(given));
      for (const { remove, append } of mutations.response_mutations ?? []) {
        if (remove !== undefined) headers.delete(remove);
        const isSet =
          append !== undefined && append.append_action === "ADD_IF_ABSENT" && headers.has(append.header.key);
        if (append !== undefined && !isSet) headers.set(append.header.key, append.header.value);
      }
      expect([...headers.keys()]).toEqual(expect.arrayContaining(securityHeaders));
      for (const name of revealing) expect(headers.has(name)).toBe(false);
      expect(headers.get("strict-transport-security")).toMatch(/^max-age=\d{8,}/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      // A service that shows pages may say more about them than the gateway can.
      const policy = given["content-security-policy"];
      if (policy !== undefined) expect(headers.get("content-security-policy")).toBe(policy);
    }),
  );
});
