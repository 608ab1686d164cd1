import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defaultsOf, type Settings } from "./config";
import { policies } from "./rules";

const file = join(__dirname, "README.md");
const start = "<!-- policies:start, written by readme.ts -->\n";
const end = "<!-- policies:end -->";

/** The page with its table as the code has it now. */
export function render(page: string): string {
  const [before, rest] = page.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`README.md has no "${start.trim()}" or no "${end}"`);
  }
  return `${before}${start}${table()}${end}${after}`;
}

function table(): string {
  const rows = policies.map(({ metadata, settings, resource, stack }) => [
    `[\`${metadata.name}\`](${metadata.url})`,
    metadata.principle,
    metadata.severity,
    metadata.description,
    metadata.protects,
    metadata.fix,
    [resource && "resource", stack && "stack"].filter(Boolean).join(", "),
    describe(settings),
  ]);
  const header = ["Policy", "Principle", "Severity", "Demands", "Protects from", "Fix", "Looks at", "Settings"];
  const lines = [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |\n`);
  return `<!-- prettier-ignore-start -->\n${lines.join("")}<!-- prettier-ignore-end -->\n`;
}

function describe(settings: Settings): string {
  const defaults = defaultsOf(settings);
  return Object.entries(settings)
    .filter(([name]) => name !== "exemptions")
    .map(([name, schema]) => `\`${name}\`: ${schema.description} Default \`${JSON.stringify(defaults[name])}\`.`)
    .join("<br>");
}

function main(isCheck: boolean): void {
  const current = readFileSync(file, "utf8");
  const next = render(current);
  if (isCheck && next !== current) {
    console.error("policies/README.md is out of date: run npx tsx policies/readme.ts");
    process.exitCode = 1;
  } else if (!isCheck) {
    writeFileSync(file, next);
  }
}

if (require.main === module) {
  main(process.argv.includes("--check"));
}
