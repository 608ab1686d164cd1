import { findSourceMap } from "node:module";

/**
 * Pulumi's SDK makes an error for each promise and each resource, only to read its stack, which takes a third of a plan's
 * time. They have no message, and get none; others are formatted as Node would, for the rest of this process.
 */
export function formatStacksWithMessages(): void {
  Error.prepareStackTrace = (error, sites) => {
    const text = String(error);
    return text === "Error" ? text : [text, ...sites.map((site) => `    at ${describe(site)}`)].join("\n");
  };
}

/** In the file that was written, where it was compiled. */
function describe(site: NodeJS.CallSite): string {
  const [line, column] = [site.getLineNumber(), site.getColumnNumber()];
  const map = findSourceMap(site.getFileName() ?? "");
  if (map === undefined || line === null || column === null) return String(site);
  const entry = map.findEntry(line - 1, column - 1);
  if (!("originalSource" in entry)) return String(site);
  const { originalSource, originalLine, originalColumn } = entry;
  return `${site.getFunctionName() ?? "<anonymous>"} (${originalSource}:${originalLine + 1}:${originalColumn + 1})`;
}
