import { CloudflarePlan } from "../../../components/edge/plan";
import { type PlannedResource, planProgram } from "../../../rehearsal/engine/plan";

export const accountId = "0".repeat(32);
export const zone = { id: "1".repeat(32), name: "shop.example" };
export const regions = [
  { name: "us-east", latitude: 38.9, longitude: -77.4, address: "us-east.elb.example" },
  { name: "eu-west", latitude: 53.3, longitude: -6.3, address: "192.0.2.7" },
];
export const plans = Object.values(CloudflarePlan);

/** What a program makes, in preview or in update, without components. */
export async function made(program: () => void, isPreview = false): Promise<PlannedResource[]> {
  const { resources } = await planProgram(
    () => {
      program();
      return Promise.resolve({});
    },
    "prod",
    { config: {}, secrets: [] },
    isPreview,
  );
  return resources
    .filter(({ type }) => type.startsWith("cloudflare:"))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** As a snapshot has it: a bundle and its digest change with every line of the Worker. */
export function graph(resources: PlannedResource[]): unknown {
  const kept = resources.map(({ type, name, props, secretProperties, isProtected }) => ({
    ...{ type, name, props, isProtected },
    ...(secretProperties.length === 0 ? {} : { secretProperties }),
  }));
  const text = JSON.stringify(kept, (key, value: unknown) => (key === "contentBase64" ? "<the bundle>" : value));
  return JSON.parse(text.replace(/\\"version\\":\\"[0-9a-f]{16}\\"/g, '\\"version\\":\\"<digest>\\"'));
}

export const ofType = (resources: PlannedResource[], type: string): PlannedResource[] =>
  resources.filter((each) => each.type.endsWith(`:${type}`));
