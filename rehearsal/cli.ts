import { messageOf, UserError } from "./errors";

type Command = (stack: string, argv: string[]) => Promise<void>;

// Loaded when asked for: `plan` must not wait for what only `up` needs.
const files: Record<string, string> = {
  plan: "plan",
  ...Object.fromEntries(["preview", "up", "refresh", "down"].map((name) => [name, "stack"])),
  ...Object.fromEntries(["doctor", "setup", "stop", "reset", "kubectl", "env"].map((name) => [name, "machine"])),
};

async function main([name = "", stack = "dev", ...argv]: string[]): Promise<void> {
  const file = files[name];
  if (file === undefined) throw new UserError(`"${name}" is no command: ${Object.keys(files).join(", ")}`);
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import() would need another loader for TypeScript
  const commands = require(`./commands/${file}`) as Record<string, Command>;
  await commands[name]?.(stack, argv);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(process.env.OMEGA_DEBUG === undefined ? `\n${messageOf(error)}` : error);
  process.exitCode = 1;
});
