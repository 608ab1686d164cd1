import { Bulkhead, type ChaosExperimentsArgs, prometheusUrl } from "../components";
import { chaosProblems } from "../components/chaos/chaos-experiments";
import type { ConfigurationError } from "./configuration-error";
import type { ChaosSection, PlatformSections, ServiceSection } from "./schema";

type KnownOfService = Pick<ServiceSection, "name" | "bulkhead" | "port">;

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

/** Rules between the experiments and the services. */
export function chaosErrors({ chaos, services }: PlatformSections): ConfigurationError[] {
  if (chaos === undefined) return [];
  const args = { ...chaosArgs(chaos, services), targetNamespace: "" };
  const errors = chaosProblems(args).map(({ path, reason }) => ({ path: `chaos.${path}`, reason }));
  const at = (index: number, key: string, reason: string) => {
    errors.push({ path: `chaos.targets[${index}].${key}`, reason });
  };
  chaos.targets.forEach(({ service, entry = service }, index) => {
    const known = (name: string) => services.find((each) => each.name === name);
    if (known(service) === undefined) at(index, "service", `"${service}" is no service of this platform`);
    if (entry === service) return;
    const caller = known(entry);
    if (caller === undefined) at(index, "entry", `"${entry}" is no service of this platform`);
    else if (!caller.dependencies.some((dependency) => dependency.service === service)) {
      at(index, "entry", `"${entry}" doesn't depend on "${service}": its requests would meet no fault`);
    }
  });
  return errors;
}
