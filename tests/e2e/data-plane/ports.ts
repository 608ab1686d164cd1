import { randomInt } from "node:crypto";
import { isPortFree } from "../../../rehearsal/control-plane/credentials";

const taken = new Set<number>();

/** A free TCP port of loopback, below those that the kernel gives to outgoing connections. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (taken.has(port) || !(await isPortFree(port))) continue;
    taken.add(port);
    return port;
  }
}
