import type { ArgumentProblem } from "../arguments";
import type { PlatformZone } from "../tenancy/tenant-directory";

/** Where a region is, and how the edge reaches it. */
export interface EdgeRegionSettings {
  /** DNS label, e.g. `us-east`. */
  name: string;
  /** Degrees north, from -90 to 90. */
  latitude: number;
  /** Degrees east, from -180 to 180. */
  longitude: number;
}

/** By which the Worker asks a region: below the zone's own first level its certificate would have to be bought. */
export const originHost = (region: string, zone: Pick<PlatformZone, "name">): string => `origin-${region}.${zone.name}`;

export function regionProblems(regions: readonly EdgeRegionSettings[]): ArgumentProblem[] {
  if (regions.length === 0) return [{ path: "regions", reason: "must have one at least: nobody would answer" }];
  return regions.flatMap(({ name, latitude, longitude }, index) => {
    const path = `regions[${index}]`;
    const first = regions.findIndex((other) => other.name === name);
    return [
      ...(first === index ? [] : [{ path: `${path}.name`, reason: `"${name}" is taken by regions[${first}]` }]),
      ...(Math.abs(latitude) <= 90
        ? []
        : [{ path: `${path}.latitude`, reason: `is ${latitude}, must be from -90 to 90` }]),
      ...(Math.abs(longitude) <= 180
        ? []
        : [{ path: `${path}.longitude`, reason: `is ${longitude}, must be from -180 to 180` }]),
    ];
  });
}
