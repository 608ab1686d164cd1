import type { BreakerSettings } from "./bindings";

interface Circuit {
  failures: number;
  /** Milliseconds since 1970; 0 while it is closed. */
  openUntil: number;
}

/** Of one isolate: what fails again and again is asked no more for a while, and then by one request alone. */
export class Breaker {
  private readonly circuits = new Map<string, Circuit>();

  constructor(private readonly settings: BreakerSettings) {}

  /** Whether to ask. Who is told to, while others are not, tries for all: until it has said how it went they wait. */
  admits(name: string, now: number): boolean {
    const circuit = this.circuits.get(name);
    if (circuit === undefined || circuit.openUntil === 0) return true;
    if (now < circuit.openUntil) return false;
    circuit.openUntil = now + 1000 * this.settings.openSeconds;
    return true;
  }

  succeeded(name: string): void {
    this.circuits.delete(name);
  }

  failed(name: string, now: number): void {
    const failures = (this.circuits.get(name)?.failures ?? 0) + 1;
    const isOpen = failures >= this.settings.consecutiveFailures;
    this.circuits.set(name, { failures, openUntil: isOpen ? now + 1000 * this.settings.openSeconds : 0 });
  }
}
