import type { PolicyResource, ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import type { Policy, ResourceUnderTest, Violation } from "./policy";

/** Wraps a policy for CrossGuard. One that has both kinds of rule is called for each resource and again for the stack. */
export function crossGuard({
  metadata,
  settings,
  resource,
  stack,
}: Policy): ResourceValidationPolicy | StackValidationPolicy {
  return {
    name: metadata.name,
    description: metadata.description,
    enforcementLevel: "mandatory",
    severity: metadata.severity,
    tags: [metadata.principle],
    remediationSteps: metadata.fix,
    url: metadata.url,
    configSchema: { properties: settings },
    ...(resource && {
      validateResource: (args, report) => {
        resource(subject(args), args.getConfig(), new Date()).forEach(tell(report));
      },
    }),
    ...(stack && {
      validateStack: (args, report) => {
        stack(args.resources.map(subject), args.getConfig(), new Date()).forEach(tell(report));
      },
    }),
  };
}

function subject({
  type,
  name,
  urn,
  props,
  opts,
}: Pick<PolicyResource, "type" | "name" | "urn" | "props" | "opts">): ResourceUnderTest {
  return { type, name, urn, props, isProtected: opts.protect };
}

function tell(report: (message: string, urn?: string) => void): (violation: Violation) => void {
  return ({ message, urn }) => report(message, urn);
}
