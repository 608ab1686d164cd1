import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";
import type { StateResource } from "./unanswered";
import { kindOf, nameOf, typeOf } from "./urn";

type StepMetadata = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"];
type FailedOperation = NonNullable<EngineEvent["resOpFailedEvent"]>;

/** What one run of the engine did and complained about, gathered from its events. */
export interface Observation {
  /** Steps that changed something, by operation. */
  changes: { operation: OpType; type: string; name: string; properties: string[] }[];
  /** Messages of failed resources and of the engine, without repetitions. */
  errors: string[];
  violations: { policy: string; message: string; mandatory: boolean }[];
  /** Creates that may have been done, although the provider was gone before it said so. */
  unanswered: StateResource[];
  /** What the stack let go of and nothing deleted, because it holds data. */
  kept: NamedResource[];
}

export interface NamedResource {
  type: string;
  name: string;
}

/** What a stack needs before an update may delete what holds data. */
export const deletable = "To delete it, set omega:allowDataDeletion: true in the stack file";

/** What a run is shown on: standard output. */
export interface Terminal {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** How the steps of a run are called, where the engine's own word isn't it. */
export type Verbs = Partial<Record<OpType, string>>;

/**
 * Follows the engine's events: a plain line for each finished step, and on a terminal the running one below.
 *
 * @param preview its steps are not printed: what they would do is counted only
 */
export function observer(
  terminal: Terminal,
  preview: boolean,
  verbs: Verbs,
): { observe(event: EngineEvent): void; observation: Observation } {
  const observation: Observation = { changes: [], errors: [], violations: [], unanswered: [], kept: [] };
  const started = new Map<string, number>();
  /** Operations whose answer was lost: the engine says why before it reports the failure. */
  const lost = new Set<string>();
  const live = (text: string) => {
    if (terminal.isTTY) terminal.write(`\r\x1b[2K${text.slice(0, (terminal.columns || 80) - 1)}`);
  };
  const line = (text: string) => {
    live("");
    terminal.write(`${text}\n`);
  };

  const observe = (event: EngineEvent): void => {
    const { resourcePreEvent, resOutputsEvent, resOpFailedEvent, diagnosticEvent, policyEvent } = event;
    if (resourcePreEvent) {
      started.set(resourcePreEvent.metadata.urn, Date.now());
      live(`  … ${started.size} resources, ${nameOf(resourcePreEvent.metadata.urn)}`);
    }
    const done = preview ? resourcePreEvent?.metadata : resOutputsEvent?.metadata;
    if (done && isChange(done)) {
      const change = {
        operation: done.op,
        type: kindOf(done.type),
        name: nameOf(done.urn),
        properties: changedProperties(done),
      };
      observation.changes.push(change);
      const isKept = isRetained(done);
      if (isKept) observation.kept.push({ type: change.type, name: change.name });
      if (!preview)
        line(
          `  ${isKept ? "let go of" : (verbs[done.op] ?? done.op)} ${change.type} ${change.name}${secondsSince(started.get(done.urn))}${listed(change.properties)}`,
        );
    }
    if (resOpFailedEvent) {
      line(`  failed ${kindOf(resOpFailedEvent.metadata.type)} ${nameOf(resOpFailedEvent.metadata.urn)}`);
      if (lost.has(resOpFailedEvent.metadata.urn)) observation.unanswered.push(...createIn(resOpFailedEvent));
    }
    if (diagnosticEvent?.ephemeral)
      live(`  … ${diagnosticEvent.urn ? `${nameOf(diagnosticEvent.urn)}: ` : ""}${plain(diagnosticEvent.message)}`);
    else if (diagnosticEvent?.severity === "error") {
      note(observation.errors, diagnosticEvent.urn, diagnosticEvent.message);
      if (diagnosticEvent.urn && lostAnswer.test(diagnosticEvent.message)) lost.add(diagnosticEvent.urn);
    }
    if (policyEvent) {
      const mandatory = policyEvent.enforcementLevel === "mandatory";
      observation.violations.push({ policy: policyEvent.policyName, message: plain(policyEvent.message), mandatory });
    }
    if (event.summaryEvent) live("");
  };
  return { observe, observation };
}

function note(errors: string[], urn: string | undefined, message: string): void {
  // The engine repeats the URN of the resource that the entry begins with.
  const text = plain(message).replace(/^resource "urn:[^"]*": /, "");
  if (/cannot be deleted\s+because it is protected/.test(text)) {
    // The engine's own advice would leave the program as it is.
    errors.push(
      `${kindOf(typeOf(urn ?? ""))} ${nameOf(urn ?? "")}: holds data, and is not deleted. ${deletable}, run make up, and then remove it`,
    );
    return;
  }
  const [, missing] = /unknown stack "(?:[^"]*\/)?([^"/]+)"/.exec(text) ?? [];
  if (missing !== undefined) {
    errors.push(
      `the stack ${missing} is not there yet, and this one reads its outputs: make up STACK=${missing} first`,
    );
    return;
  }
  // The engine ends with these two when others have said what is wrong.
  if (/^(update|preview|refresh|destroy|delete) failed$|^Program failed/i.test(text)) return;
  const entry =
    urn === undefined || nameOf(urn).startsWith("omega-") ? text : `${kindOf(typeOf(urn))} ${nameOf(urn)}: ${text}`;
  if (!errors.includes(entry)) errors.push(entry);
}

/**
 * Of a provider that was killed, by gRPC, and of an API server, by its stand-in. A refusal must not match: what is
 * somebody else's would be taken over. Nor does a connection that was refused: nothing was sent. The failure's status is
 * no help: it is 0 for all.
 */
const lostAnswer = /error reading from server|connection reset by peer|transport is closing|gone before it answered/;

function createIn({ metadata: { op, new: made } }: FailedOperation): StateResource[] {
  if (made === undefined || !/^create/.test(op)) return [];
  // What is secret is masked in events: it must not be taken for the value.
  const inputs = Object.entries(made.inputs).filter(([, value]) => !JSON.stringify(value).includes('"[secret]"'));
  const { urn, type, parent, provider } = made;
  return [{ urn, type, custom: true, parent, provider, inputs: Object.fromEntries(inputs) }];
}

/** The stack itself, and what it reads of its own outputs, which each update changes. */
const bookkeeping = ["pulumi:pulumi:Stack", "pulumi:pulumi:StackReference"];

function isChange({ op, type }: StepMetadata): boolean {
  return !bookkeeping.includes(type) && op !== "same" && op !== "read" && op !== "refresh";
}

/** A Worker's versions before this one are kept too, for the way back: they hold no data. */
const isRetained = ({ op, old, type }: StepMetadata): boolean =>
  /^delete/.test(op) && old?.retainOnDelete === true && kindOf(type) !== "WorkerVersion";

function changedProperties({ op, detailedDiff, diffs }: StepMetadata): string[] {
  if (op !== "update" && op !== "replace") return [];
  const detailed = Object.keys(detailedDiff ?? {});
  return detailed.length > 0 ? detailed : (diffs ?? []);
}

function listed(properties: string[]): string {
  return properties.length > 0 ? `: ${properties.join(", ")}` : "";
}

function secondsSince(start: number | undefined): string {
  return start === undefined ? "" : ` (${((Date.now() - start) / 1000).toFixed(1)} s)`;
}

/** Without the engine's colour directives, e.g. `<{%reset%}>`. */
function plain(message: string): string {
  return message.replace(/<\{%.*?%\}>/g, "").trim();
}
