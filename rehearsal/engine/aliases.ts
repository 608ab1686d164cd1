import { typeOf } from "./urn";

/** What the SDK says of one former identity: a whole URN, or the parts that were other ones. */
export interface AliasRequest {
  hasUrn(): boolean;
  getUrn(): string;
  getSpec(): AliasSpec | undefined;
}

interface AliasSpec {
  /** Empty where it is the resource's own, as of all its parts. */
  getName(): string;
  getType(): string;
  getStack(): string;
  getProject(): string;
  getParenturn(): string;
  getNoparent(): boolean;
}

interface Identity {
  urn: string;
  type: string;
  name: string;
  /** URN; empty for the stack itself. */
  parent: string;
}

const stackType = "pulumi:pulumi:Stack";

const partsOf = (urn: string) => {
  const [head = "", project = "", qualified = "", ...name] = urn.split("::");
  return { stack: head.slice("urn:pulumi:".length), project, qualified, name: name.join("::") };
};

/** As the engine makes them: with the types of all components above it. */
export function urnOf(stack: string, project: string, parent: string, type: string, name: string): string {
  const qualified = parent === "" ? stackType : partsOf(parent).qualified;
  const prefix = qualified === stackType ? "" : `${qualified}$`;
  return `urn:pulumi:${stack}::${project}::${prefix}${type}::${name}`;
}

type EngineUrn = (urn: string) => string;

function ownAlias({ urn, type, name, parent }: Identity, alias: AliasRequest, engineUrn: EngineUrn): string {
  const spec = alias.getSpec();
  if (alias.hasUrn() || spec === undefined) return engineUrn(alias.getUrn());
  const own = partsOf(urn);
  const formerParent = spec.getNoparent() ? "" : engineUrn(spec.getParenturn()) || parent;
  return urnOf(
    spec.getStack() || own.stack,
    spec.getProject() || own.project,
    formerParent,
    spec.getType() || type,
    spec.getName() || name,
  );
}

/** A child whose name begins with its parent's had one that began with the parent's former name. */
function inherited(child: { stack: string; project: string; type: string; name: string }, parent: string, was: string) {
  const parentName = partsOf(parent).name;
  const name = child.name.startsWith(parentName) ? partsOf(was).name + child.name.slice(parentName.length) : child.name;
  return urnOf(child.stack, child.project, was, child.type, name);
}

/**
 * The URNs under which the engine would find a resource in an older state: its own aliases, and those that come of its
 * parent's, as the engine multiplies them (pulumi, pkg/resource/deploy/step_generator.go, generateAliases).
 *
 * @param resource with URNs as the engine makes them
 * @param parentAliases URNs that the parent had
 * @param engineUrn of a resource that mocks gave another one
 */
export function formerUrns(
  resource: Identity,
  aliases: readonly AliasRequest[],
  parentAliases: readonly string[],
  engineUrn: EngineUrn,
): string[] {
  const { stack, project } = partsOf(resource.urn);
  const own = aliases.map((alias) => ownAlias(resource, alias, engineUrn));
  const identities = [resource.urn, ...own].map((urn) => {
    const { name } = partsOf(urn);
    return { stack, project, type: typeOf(urn), name };
  });
  const fromParent = parentAliases.flatMap((was) => identities.map((each) => inherited(each, resource.parent, was)));
  return [...new Set([...own, ...fromParent])].filter((urn) => urn !== resource.urn).sort();
}
