import type { Examination, ExaminedTool } from "./toolchain";

const origins: Record<ExaminedTool["from"], string> = {
  PATH: "PATH",
  cached: "cached",
  release: "to be downloaded",
  registry: "to be made from a registry",
  nowhere: "can't be had, see the notes",
};

/** What `make doctor` says: a row for each tool, what all of them take, and why a better place is not used. */
export function examinationReport({ tools, diskMegabytes, memoryMegabytes }: Examination): string {
  const rows = tools.map(({ name, version, from, diskMegabytes: size }) => [
    name,
    version,
    origins[from],
    size === 0 ? "" : megabytes(size),
  ]);
  const notes = new Map<string, string[]>();
  for (const { name, notes: own } of tools) {
    for (const note of own) notes.set(note, [...(notes.get(note) ?? []), name]);
  }
  return [
    ...table([["Tool", "Version", "From", "Disk"], ...rows]),
    "",
    `Disk: ${megabytes(diskMegabytes)} for all of them`,
    `Memory: ${megabytes(memoryMegabytes)} with one control plane running`,
    ...(notes.size > 0 ? ["", "Notes"] : []),
    ...[...notes].map(([note, names]) => `  ${names.join(", ")}: ${note}`),
  ].join("\n");
}

function table(rows: string[][]): string[] {
  const widths = rows.reduce<number[]>((most, row) => row.map((cell, at) => Math.max(most[at] ?? 0, cell.length)), []);
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function megabytes(number: number): string {
  return `${number.toLocaleString("en")} MB`;
}
