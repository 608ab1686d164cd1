import { commands } from "./commands";
import { messageOf, UserError } from "./errors";
import { ToolchainError } from "./toolchain";

const [command = "", stack = "dev"] = process.argv.slice(2);
const run = commands[command];

async function main(): Promise<void> {
  if (run === undefined) throw new UserError(`"${command}" is no command: ${Object.keys(commands).join(", ")}`);
  await run(stack);
}

main().catch((error: unknown) => {
  const isUsers =
    error instanceof UserError || error instanceof ToolchainError || process.env.OMEGA_DEBUG === undefined;
  console.error(isUsers ? `\n${messageOf(error)}` : error);
  process.exitCode = 1;
});
