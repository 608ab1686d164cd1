import { type PlatformSections, Scope } from "./schema";

/** Whether nothing that holds data may go: by default where a stack is one of several, which is production. */
export const protectsData = ({
  allowDataDeletion,
  scope,
}: Pick<PlatformSections, "allowDataDeletion" | "scope">): boolean => !(allowDataDeletion ?? scope === Scope.Single);
