import { componentProviderHost } from "@pulumi/pulumi/provider/experimental";
import { components } from "./components";

void componentProviderHost({ name: "omega", components, dirname: __dirname });
