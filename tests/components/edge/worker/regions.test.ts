import { assert, double, property, record } from "fast-check";
import { distance, placeOf, regionOrder } from "../../../../components/edge/worker/regions";

const regions = [
  { name: "us-east", origin: "", latitude: 38.9, longitude: -77.4 },
  { name: "eu-west", origin: "", latitude: 53.3, longitude: -6.3 },
  { name: "ap-south", origin: "", latitude: 19.1, longitude: 72.9 },
  { name: "ap-north", origin: "", latitude: 35.7, longitude: 139.7 },
];
const berlin = { latitude: 52.5, longitude: 13.4 };
const names = (...given: Parameters<typeof regionOrder>) => regionOrder(...given).map(({ name }) => name);

test("the nearest first, and the others by how far they are", () => {
  expect(names(regions, berlin, undefined, true)).toEqual(["eu-west", "ap-south", "us-east", "ap-north"]);
  expect(names(regions, { latitude: -33.9, longitude: 151.2 }, undefined, true)[0]).toBe("ap-north");
  // Over the date line.
  expect(names(regions, { latitude: 60, longitude: -170 }, undefined, true)[0]).toBe("ap-north");
});

test("a tenant's data is asked for where it is, unless the nearest replica will do", () => {
  const home = { dataRegion: "ap-north", staysInRegion: false };
  expect(names(regions, berlin, home, false)).toEqual(["ap-north", "eu-west", "ap-south", "us-east"]);
  expect(names(regions, berlin, home, true)[0]).toBe("eu-west");
  expect(names(regions, berlin, { ...home, staysInRegion: true }, true)).toEqual(["ap-north"]);
});

test("without a place the order is the configuration's", () => {
  expect(names(regions, undefined, undefined, true)).toEqual(regions.map(({ name }) => name));
  expect(placeOf(new Request("https://shop.test/"))).toBeUndefined();
  expect(
    placeOf(Object.assign(new Request("https://shop.test/"), { cf: { latitude: "1", longitude: "x" } })),
  ).toBeUndefined();
  expect(placeOf(Object.assign(new Request("https://shop.test/"), { cf: { latitude: "1", longitude: "2" } }))).toEqual({
    latitude: 1,
    longitude: 2,
  });
});

test("distance is one way as the other, none from a place to itself, and half a turn at most", () => {
  const place = record({
    latitude: double({ min: -90, max: 90, noNaN: true }),
    longitude: double({ min: -180, max: 180, noNaN: true }),
  });
  assert(
    property(place, place, (one, other) => {
      expect(distance(one, one)).toBe(0);
      expect(distance(one, other)).toBeCloseTo(distance(other, one), 10);
      expect(distance(one, other)).toBeLessThanOrEqual(Math.PI + 1e-9);
    }),
  );
});
