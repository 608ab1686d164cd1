import { PolicyPack } from "@pulumi/policy";
import { crossGuard } from "./pack";
import { policies } from "./rules";

new PolicyPack("omega-policies", {
  description: "Holds a stack to the seven Omega principles",
  policies: policies.map(crossGuard),
});
