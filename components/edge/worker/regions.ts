import type { EdgeRegion } from "./bindings";

export interface Place {
  latitude: number;
  longitude: number;
}

/** Whose data a request is about. */
export interface DataHome {
  dataRegion: string;
  staysInRegion: boolean;
}

const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Angle between two places, in radians, by the haversine formula. */
export function distance(one: Place, other: Place): number {
  const latitudes = Math.sin(radians(other.latitude - one.latitude) / 2) ** 2;
  const longitudes = Math.sin(radians(other.longitude - one.longitude) / 2) ** 2;
  const square = latitudes + Math.cos(radians(one.latitude)) * Math.cos(radians(other.latitude)) * longitudes;
  return 2 * Math.asin(Math.min(1, Math.sqrt(square)));
}

/**
 * Regions in the order in which they are asked.
 *
 * @param visitor where the request came in; undefined if nobody knows
 * @param home undefined where no tenant's data is asked for
 * @param readsNearest whether the nearest replica will do
 */
export function regionOrder(
  regions: readonly EdgeRegion[],
  visitor: Place | undefined,
  home: DataHome | undefined,
  readsNearest: boolean,
): EdgeRegion[] {
  if (home?.staysInRegion === true) return regions.filter(({ name }) => name === home.dataRegion);
  const far = (region: EdgeRegion) => (visitor === undefined ? 0 : distance(visitor, region));
  const nearest = [...regions].sort((one, other) => far(one) - far(other));
  if (home === undefined || readsNearest) return nearest;
  const isHome = ({ name }: EdgeRegion) => name === home.dataRegion;
  return [...nearest.filter(isHome), ...nearest.filter((region) => !isHome(region))];
}

/** Where Cloudflare thinks the visitor is. */
export function placeOf(request: Request): Place | undefined {
  const cf: unknown = "cf" in request ? request.cf : undefined;
  if (typeof cf !== "object" || cf === null || !("latitude" in cf) || !("longitude" in cf)) return undefined;
  const latitude = Number(cf.latitude ?? NaN);
  const longitude = Number(cf.longitude ?? NaN);
  return Number.isFinite(latitude) && Number.isFinite(longitude) ? { latitude, longitude } : undefined;
}
