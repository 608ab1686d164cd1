import { readConfiguration } from "./stacks/config";
import { buildPlatform } from "./stacks/platform";
import { previousLayout } from "./stacks/previous";

export = async () => buildPlatform(readConfiguration(__dirname, await previousLayout()));
