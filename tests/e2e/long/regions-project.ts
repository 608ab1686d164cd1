import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { ProjectCopy } from "../support";

type Section = Record<string, unknown>;

/**
 * The production stacks with a cluster, the mesh, the gateway and two services a region, and the edge before them: four of
 * them whole would take the whole of CI's time.
 */
export function reducedProduction(): ProjectCopy {
  const project = new ProjectCopy();
  const file = join(project.root, "Pulumi.prod.yaml");
  const { config } = parse(readFileSync(file, "utf8")) as { config: Section };
  const left = ["events", "database", "schemaRegistry", "eventArchive", "sagas", "entities", "observability", "cache"];
  const ofStores = ["database", "cache", "owns", "publishes", "consumes", "consumerLag"];
  const without = (section: Section, keys: string[]) =>
    Object.fromEntries(Object.entries(section).filter(([key]) => !keys.includes(key.replace("omega:", ""))));
  const services = (config["omega:services"] as Section[]).slice(0, 2).map((service) => without(service, ofStores));
  const reduced = {
    ...without(config, left),
    "omega:edge": { ...(config["omega:edge"] as Section), queuedPaths: ["/carts"] },
    "omega:services": services,
    "omega:operators": { prometheus: false, keda: false },
  };
  writeFileSync(file, `# Who changes this file by hand keeps its comments.\n${stringify({ config: reduced })}`);
  return project;
}
