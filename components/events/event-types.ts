import { append } from "../grouping";

/**
 * An event type is `<subject>.<event>`, e.g. `order.created`; a pattern is one of these or `<subject>.*`, which are all types of
 * a subject.
 */
const pattern = /^[a-z][a-z-]*\.([a-z][a-z-]*|\*)$/;

export const isEventPattern = (text: string): boolean => pattern.test(text);

export const covers = (wide: string, narrow: string): boolean =>
  wide === narrow || (wide.endsWith(".*") && narrow.startsWith(wide.slice(0, -1)));

/** The types that two patterns have in common, as a pattern: the narrower one. Undefined where they have none. */
export function common(one: string, other: string): string | undefined {
  if (covers(one, other)) return other;
  return covers(other, one) ? one : undefined;
}

/** The types that any of some patterns has in common with any of others, without those that another one covers. */
export function commonTypes(some: readonly string[], others: readonly string[]): string[] {
  const found = some.flatMap((one) => others.flatMap((other) => common(one, other) ?? []));
  const distinct = [...new Set(found)];
  return distinct.filter((type) => !distinct.some((other) => other !== type && covers(other, type)));
}

/** Only patterns of one subject can have types in common. */
const subjectOf = (type: string): string => type.split(".")[0] ?? "";

/** Things by the subjects of their patterns, so that not all have to be compared with all. */
export class BySubject<Item> {
  private readonly items = new Map<string, Item[]>();

  /** @param patternsOf of one thing; it is found by each of them */
  constructor(items: readonly Item[] = [], patternsOf: (item: Item) => readonly string[] = () => []) {
    for (const item of items) this.add(item, patternsOf(item));
  }

  add(item: Item, patterns: readonly string[]): void {
    for (const subject of new Set(patterns.map(subjectOf))) append(this.items, subject, item);
  }

  /** Those that may have a type in common with a pattern, in the order in which they came. */
  near(type: string): readonly Item[] {
    return this.items.get(subjectOf(type)) ?? [];
  }
}
