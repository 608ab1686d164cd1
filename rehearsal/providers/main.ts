import { createRequire } from "node:module";
import { messageOf } from "../errors";
import { sdkVersion } from "./install";
import { ProviderServer } from "./server";
import type { StandIn } from "./stand-in";

// By require and on demand: import() would bypass tsx's fast CommonJS hook, and loading all would slow every start.
const load = createRequire(__filename);

function createStandIn(packageName: string): StandIn {
  if (packageName === "kubernetes") {
    const kubernetes: { createStandIn(): StandIn } = load("./kubernetes");
    return kubernetes.createStandIn();
  }
  const { createTableStandIn }: typeof import("./tables") = load("./tables");
  return createTableStandIn(packageName);
}

function withFaultsOnDemand(standIn: StandIn): StandIn {
  const file = process.env.OMEGA_FAULTS;
  if (!file) return standIn;
  const { readFaults, withFaults }: typeof import("./faults") = load("./faults");
  return withFaults(standIn, readFaults(file));
}

async function main(packageName = "", ...engineArguments: string[]): Promise<void> {
  // Flags may come before the engine's address.
  const standIn = withFaultsOnDemand(createStandIn(packageName));
  const server = new ProviderServer(standIn, sdkVersion(packageName), engineArguments.at(-1));
  process.stdout.write(`${await server.listen()}\n`);
  // The engine holds our standard input: its end is the engine's end, however that came about.
  process.stdin.on("end", () => process.exit(0)).resume();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(0));
}

main(...process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
});
