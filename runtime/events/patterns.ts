/** A pattern is an event type, or `<subject>.*` for all types of a subject. */
export function covers(pattern: string, type: string): boolean {
  return pattern === type || (pattern.endsWith(".*") && type.startsWith(pattern.slice(0, -1)));
}

/** What there is for a type: its own, or that of its subject. */
export function entryFor<Value>(byPattern: Readonly<Record<string, Value>>, type: string): Value | undefined {
  const [subject] = type.split(".");
  return [type, `${subject}.*`].filter((pattern) => Object.hasOwn(byPattern, pattern)).map((key) => byPattern[key])[0];
}
