import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { planProgram } from "../../rehearsal/engine/plan";
import { listOf, type ListedResource } from "../../rehearsal/upgrades/urn-list";
import { upgradeProblems } from "../../rehearsal/upgrades/compare";

/** Two levels of components with one resource in them. */
class Inner extends pulumi.ComponentResource {
  constructor(name: string, options?: pulumi.ComponentResourceOptions, type = "omega:index:Inner") {
    super(type, name, {}, options);
    new random.RandomPassword(`${name}-password`, { length: 8 }, { parent: this });
  }
}
class Outer extends pulumi.ComponentResource {
  constructor(name: string, options?: pulumi.ComponentResourceOptions, inner?: pulumi.ComponentResourceOptions) {
    super("omega:index:Outer", name, {}, options);
    new Inner(`${name}-inner`, { ...inner, parent: this });
  }
}

async function listed(program: () => void): Promise<ListedResource[]> {
  const run = async () => {
    program();
    return {};
  };
  return listOf(await planProgram(run, "dev", { config: {}, secrets: [] }, false));
}

const deleted = async (before: () => void, after: () => void): Promise<string[]> =>
  upgradeProblems(await listed(before), await listed(after)).flatMap(({ kind, urn }) =>
    kind === "not listed" ? [] : [`${kind} ${urn.split("::").slice(2).join("::")}`],
  );

test("URNs are those of the engine: with the types of all components above", async () => {
  expect((await listed(() => new Outer("one"))).map(({ urn }) => urn)).toEqual([
    "urn:pulumi:dev::omega::omega:index:Outer$omega:index:Inner$random:index/randomPassword:RandomPassword::one-inner-password",
    "urn:pulumi:dev::omega::omega:index:Outer$omega:index:Inner::one-inner",
    "urn:pulumi:dev::omega::omega:index:Outer::one",
  ]);
});

test("a component's rename without an alias deletes what is in it; with one, nothing, to the deepest level", async () => {
  const before = () => void new Outer("one");
  expect(await deleted(before, () => new Outer("two"))).toHaveLength(3);
  expect(await deleted(before, () => new Outer("two", { aliases: [{ name: "one" }] }))).toEqual([]);
});

test("a resource that moves into a component, out of it, or is of another type of component", async () => {
  const alone = () => void new Inner("one");
  const inside = (aliases: pulumi.Alias[]) => () => {
    const parent = new pulumi.ComponentResource("omega:index:Outer", "group");
    new Inner("one", { parent, aliases });
  };
  expect(await deleted(alone, inside([]))).toHaveLength(2);
  expect(await deleted(alone, inside([{ parent: pulumi.rootStackResource }]))).toEqual([]);
  expect(await deleted(alone, () => new Inner("one", {}, "omega:index:Other"))).toHaveLength(2);
  const retyped = () => new Inner("one", { aliases: [{ type: "omega:index:Inner" }] }, "omega:index:Other");
  expect(await deleted(alone, retyped)).toEqual([]);
});

test("a whole URN is an alias too", async () => {
  const former = "urn:pulumi:dev::omega::omega:index:Outer$omega:index:Inner::one-inner";
  const after = () => void new Outer("two", { aliases: [{ name: "one" }] }, { aliases: [former] });
  expect(await deleted(() => new Outer("one"), after)).toEqual([]);
});

test("an immutable input forces a replacement, in whatever place", async () => {
  const password = (length: number) => () => void new random.RandomPassword("password", { length });
  expect(await deleted(password(2), password(3))).toEqual([
    "replaced random:index/randomPassword:RandomPassword::password",
  ]);
});
