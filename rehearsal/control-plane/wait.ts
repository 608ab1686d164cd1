import { setTimeout as sleep } from "node:timers/promises";

export async function waitFor(what: string, condition: () => Promise<boolean>, seconds: number): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} seconds in vain for ${what}.`);
    await sleep(100);
  }
}
