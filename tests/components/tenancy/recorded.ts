import * as pulumi from "@pulumi/pulumi";

export interface RecordedResource {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

/** What a program would make, sorted by name; each resource's id is its name. */
export async function recorded(program: () => void): Promise<RecordedResource[]> {
  const resources: RecordedResource[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      // Components register themselves too, with no inputs of theirs.
      if (type.startsWith("cloudflare:")) resources.push({ type, name, inputs: inputs as Record<string, unknown> });
      return { id: name, state: inputs as Record<string, unknown> };
    },
    call: () => ({}),
  });
  await pulumi.runtime.runInPulumiStack(() => Promise.resolve(program()));
  // Not before all of them are registered.
  await pulumi.runtime.disconnect();
  return resources.sort((left, right) => (left.name < right.name ? -1 : 1));
}
