import { readConfiguration } from "./stacks/config";
import { gatewayAddresses } from "./stacks/global";
import { buildPlatform } from "./stacks/platform";
import { previousLayout } from "./stacks/previous";

export = async () => {
  const config = readConfiguration(__dirname, await previousLayout());
  return buildPlatform(config, await gatewayAddresses(config));
};
