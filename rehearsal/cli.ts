import { chosenRegions, part } from "./engine/regions";
import { messageOf, UserError } from "./errors";
import { formatStacksWithMessages } from "./stack-traces";

type Command = (stack: string, argv: string[]) => Promise<void>;

// Loaded when asked for: `plan` must not wait for what only `up` needs.
const files: Record<string, string> = {
  plan: "plan",
  evacuate: "evacuation",
  readmit: "evacuation",
  ...Object.fromEntries(["preview", "up", "refresh", "down"].map((name) => [name, "stack"])),
  ...Object.fromEntries(["doctor", "setup", "stop", "reset", "kubectl", "env"].map((name) => [name, "machine"])),
};

async function main([name = "", stack = "dev", ...argv]: string[]): Promise<void> {
  if (!(name in files)) throw new UserError(`"${name}" is no command: ${Object.keys(files).join(", ")}`);
  const file = files[name] === "stack" && hasRegions(stack, argv) ? "regions" : files[name];
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import() would need another loader for TypeScript
  const commands = require(`./commands/${file}`) as Record<string, Command>;
  await commands[name]?.(stack, argv);
}

/** Whether the command is for the stacks of regions too. */
const hasRegions = (stack: string, argv: string[]): boolean => !argv.includes(part) && chosenRegions(stack).length > 0;

formatStacksWithMessages();
main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(process.env.OMEGA_DEBUG === undefined ? `\n${messageOf(error)}` : error);
  process.exitCode = 1;
});
