/** Matches exactly the texts that don't contain the word: for RE2, which has no negative look-ahead. */
export function textsWithout(word: string): string {
  const characters = [...new Set(word)];
  /** How much of the word has been read, at most, once this character follows that much of it. */
  const readAfter = (read: number, character: string): number => {
    const text = word.slice(0, read) + character;
    return [...text].findIndex((_, start) => word.startsWith(text.slice(start))) === -1
      ? 0
      : text.length - [...text].findIndex((_, start) => word.startsWith(text.slice(start)));
  };
  // The automaton that looks for the word: what leads from how much of it was read to how much, and what may end there.
  const ways = Array.from({ length: word.length }, (_, read) => {
    const steps = new Map<number, string>();
    const advancing = characters.filter((character) => readAfter(read, character) > 0);
    steps.set(0, `[^${advancing.map(quoted).join("")}]`);
    for (const character of advancing) {
      const to = readAfter(read, character);
      if (to < word.length) steps.set(to, either(steps.get(to), quoted(character)));
    }
    return steps;
  });
  const ends = ways.map(() => "");
  // States are taken out from the last one: what led through one becomes a way of its own.
  for (let state = word.length - 1; state > 0; state--) {
    const [out = new Map<number, string>(), end = ""] = [ways[state], ends[state]];
    const loop = out.get(state);
    for (const [from, steps] of ways.slice(0, state).entries()) {
      const step = steps.get(state);
      if (step === undefined) continue;
      const through = group(step) + (loop === undefined ? "" : `${group(loop)}*`);
      ends[from] = `${ends[from]}|${through}${group(end)}`;
      for (const [to, way] of out) if (to < state) steps.set(to, either(steps.get(to), through + group(way)));
      steps.delete(state);
    }
  }
  return `${group(ways[0]?.get(0) ?? "")}*${group(ends[0] ?? "")}`;
}

const quoted = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|-]/, "\\$&");
const either = (one: string | undefined, other: string): string => (one === undefined ? other : `${one}|${other}`);
const group = (expression: string): string =>
  expression.length <= 1 || /^\[[^\]]*\]$/.test(expression) ? expression : `(?:${expression})`;
