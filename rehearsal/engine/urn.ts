/** `kubernetes:apps/v1:Deployment` → `Deployment`. */
export function kindOf(type: string): string {
  return type.split(":").at(-1) ?? type;
}

export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}

/** Of the resource itself, without those of the components above it. */
export function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? urn;
}

/** Of a provider that a state names with its id: `<urn>::<id>`. */
export function providerUrn(reference: string): string {
  return reference.split("::").slice(0, -1).join("::");
}
