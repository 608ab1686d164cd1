import { z } from "zod";
import { Bulkhead, type ChaosExperimentsArgs, prometheusUrl } from "../components";
import { chaosProblems } from "../components/chaos/chaos-experiments";
import { type ConfigurationError, list } from "./input";
import { type ChaosSection, chaosSchema } from "./schema";

/** What experiments need to know of the services, as far as it can be read beside errors of form. */
const serviceSchema = z.object({
  name: z.string().catch(""),
  bulkhead: z.enum(Bulkhead).default(Bulkhead.Standard).catch(Bulkhead.Standard),
  port: z.int().default(8080).catch(8080),
  dependencies: z.array(z.object({ service: z.string().catch("") })).catch([]),
});

type KnownOfService = Pick<z.output<typeof serviceSchema>, "name" | "bulkhead" | "port">;

/** What the experiments need to know of the services comes from the services' own sections. */
export function chaosArgs(
  { namespace, targets, limits, window, experiments, experimentMinutes }: ChaosSection,
  services: readonly KnownOfService[],
): Omit<ChaosExperimentsArgs, "targetNamespace"> {
  const named = (name: string) => services.find((service) => service.name === name);
  return {
    ...{ namespace, limits, window, experiments, experimentMinutes, prometheusUrl },
    targets: targets.map((target) => {
      const port = named(target.entry ?? target.service)?.port;
      return {
        ...target,
        bulkhead: named(target.service)?.bulkhead ?? Bulkhead.Standard,
        ...(port === undefined ? {} : { port }),
      };
    }),
  };
}

/** Rules between the experiments and the services; none while the section's own form is wrong. */
export function chaosErrors(input: Record<string, unknown>): ConfigurationError[] {
  const chaos = chaosSchema.safeParse(input.chaos);
  if (!chaos.success) return [];
  const services = list(input.services).flatMap((service) => serviceSchema.safeParse(service).data ?? []);
  const args = { ...chaosArgs(chaos.data, services), targetNamespace: "" };
  const errors = chaosProblems(args).map(({ path, reason }) => ({ path: `chaos.${path}`, reason }));
  const at = (index: number, key: string, reason: string) => {
    errors.push({ path: `chaos.targets[${index}].${key}`, reason });
  };
  chaos.data.targets.forEach(({ service, entry = service }, index) => {
    const known = (name: string) => services.find((each) => each.name === name);
    if (known(service) === undefined) at(index, "service", `"${service}" is no service of this platform`);
    if (entry === service) return;
    const caller = known(entry);
    if (caller === undefined) at(index, "entry", `"${entry}" is no service of this platform`);
    else if (!caller.dependencies.some((dependency) => dependency.service === service)) {
      at(index, "entry", `"${entry}" doesn't depend on "${service}": its requests would meet no fault`);
    }
  });
  if (chaos.data.namespace === (input.namespace ?? "shop")) {
    errors.push({ path: "chaos.namespace", reason: "must be another one than that of the services" });
  }
  return errors;
}
