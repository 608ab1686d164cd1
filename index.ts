import { readConfiguration } from "./stacks/config";
import { buildPlatform } from "./stacks/platform";

export = buildPlatform(readConfiguration(__dirname));
