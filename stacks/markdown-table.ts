/** A table of a page that is written from configuration; its cells may have any text. */
export const markdownTable = (header: string[], rows: string[][]): string =>
  [header, header.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`)
    .join("\n");
