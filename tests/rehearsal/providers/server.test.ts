import { once } from "node:events";
import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import type { LogRequest } from "@pulumi/pulumi/proto/engine_pb";
import * as proto from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { ProviderServer } from "../../../rehearsal/providers/server";
import { InitializationError, type StandIn, UNKNOWN } from "../../../rehearsal/providers/stand-in";
import { createTableStandIn } from "../../../rehearsal/providers/tables";
import { decode, decodeMarked, encode, secret } from "../../../rehearsal/providers/wire";
import { ask, connect, connectThroughProxy, whenConnected } from "./client";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(standIn: StandIn, engine?: string) {
  const server = new ProviderServer(standIn, "1.2.3", engine);
  const port = await server.listen();
  const client = connect(port);
  closing.push(() => {
    client.close();
    server.close();
  });
  return { port, client };
}

const configure = (region: string) => new proto.ConfigureRequest().setArgs(encode({ region: secret(region) }));
const identity = { urn: "urn:pulumi:dev::p::t::n", name: "n", type: "t" };
const named = <
  Request extends { setUrn(urn: string): Request; setType(type: string): Request; setName(name: string): Request },
>(
  request: Request,
  type = identity.type,
): Request => request.setUrn(identity.urn).setType(type).setName(identity.name);

function standInWith(overrides: Partial<StandIn>): StandIn {
  const refuse = () => Promise.reject(new Error("not expected"));
  const methods = {
    checkConfig: refuse,
    diffConfig: refuse,
    configure: refuse,
    check: refuse,
    diff: refuse,
    create: refuse,
  };
  return { package: "test", ...methods, read: refuse, update: refuse, delete: refuse, invoke: refuse, ...overrides };
}

it("keeps each instance's configuration to itself, whatever happens to connections", async () => {
  const regions = ["eu-west-1", "us-east-1"];
  const instances = await Promise.all(
    regions.map(async (region) => {
      const { port } = await serve(createTableStandIn("aws"));
      const { client, cut, close } = await connectThroughProxy(port);
      closing.push(close);
      await ask<proto.ConfigureResponse>((reply) => client.configure(configure(region), reply));
      return { client, cut };
    }),
  );
  const request = new proto.InvokeRequest().setTok("aws:index/getRegion:getRegion").setArgs(encode({}));
  const regionsNow = () =>
    Promise.all(
      instances.map(async ({ client }) => {
        const response = await ask<proto.InvokeResponse>((reply) => client.invoke(request, whenConnected, reply));
        return decode(response.getReturn()).region;
      }),
    );
  expect(await regionsNow()).toEqual(regions);
  for (const { cut } of instances) await cut();
  expect(await regionsNow()).toEqual(regions);
});

it("hands plain values to the stand-in, marks them again, and says which are secret", async () => {
  let seen: unknown;
  const { client } = await serve(
    standInWith({
      create: async (_, inputs, operation) => {
        seen = { inputs, secrets: [...(operation.secrets ?? [])].sort() };
        return { id: "a", outputs: { ...inputs, computed: secret("c") } };
      },
    }),
  );
  const marked = {
    plain: "p",
    nested: { hidden: secret("x"), open: "y" },
    list: ["1", secret("2")],
    later: secret(UNKNOWN),
  };
  const request = named(new proto.CreateRequest()).setProperties(encode(marked));
  const response = await ask<proto.CreateResponse>((reply) => client.create(request, reply));
  expect(seen).toEqual({
    inputs: { plain: "p", nested: { hidden: "x", open: "y" }, list: ["1", "2"], later: UNKNOWN },
    secrets: ["later", "list", "nested"],
  });
  expect(decodeMarked(response.getProperties())).toEqual({
    ...marked,
    list: secret(["1", "2"]),
    computed: secret("c"),
  });
});

it("says in detail what changes and what replaces", async () => {
  const { client } = await serve(createTableStandIn("aws"));
  const olds = { cidrBlock: "10.0.0.0/16", tags: { a: "1", b: "2" } };
  const request = named(new proto.DiffRequest(), "aws:ec2/vpc:Vpc")
    .setId("vpc-1")
    .setOldInputs(encode(olds))
    .setOlds(encode(olds))
    .setNews(encode({ cidrBlock: "10.1.0.0/16", tags: { a: "2", c: "3" } }));
  const response = await ask<proto.DiffResponse>((reply) => client.diff(request, reply));
  const { ADD, DELETE, UPDATE, UPDATE_REPLACE } = proto.PropertyDiff.Kind;
  expect(response.getReplacesList()).toEqual(["cidrBlock"]);
  expect(response.getDiffsList()).toEqual(["cidrBlock", "tags"]);
  const kinds: Record<string, unknown> = {};
  response.getDetaileddiffMap().forEach((detail, path) => (kinds[path] = detail.getKind()));
  expect(kinds).toEqual({
    cidrBlock: UPDATE_REPLACE,
    "tags.a": UPDATE,
    "tags.b": DELETE,
    "tags.c": ADD,
  });
});

it("sends errors without a stack, and keeps what was half made", async () => {
  const { client } = await serve(
    standInWith({
      delete: () => Promise.reject(new Error("can't")),
      create: (_, inputs) =>
        Promise.reject(new InitializationError("id-1", inputs, { ...inputs, b: 1 }, ["not ready"])),
    }),
  );
  const deletion = ask<Empty>((reply) => client.delete(named(new proto.DeleteRequest()), reply));
  await expect(deletion).rejects.toMatchObject({ code: grpc.status.UNKNOWN, details: "can't" });

  const request = named(new proto.CreateRequest()).setProperties(encode({ a: secret("x") }));
  const error: unknown = await ask<proto.CreateResponse>((reply) => client.create(request, reply)).catch(
    (reason) => reason,
  );
  const { metadata } = error as grpc.ServiceError;
  const [bytes] = metadata.get("grpc-status-details-bin");
  const detail = Status.deserializeBinary(new Uint8Array(bytes as Buffer)).getDetailsList()[0];
  expect(detail?.getTypeUrl()).toBe("type.googleapis.com/pulumirpc.ErrorResourceInitFailed");
  const failure = proto.ErrorResourceInitFailed.deserializeBinary(detail?.getValue_asU8() ?? new Uint8Array());
  expect(failure.getReasonsList()).toEqual(["not ready"]);
  expect(decodeMarked(failure.getProperties())).toEqual({ a: secret("x"), b: 1 });
});

it("shows what it is doing, and stops when cancelled", async () => {
  const engine = new grpc.Server();
  const logged = new Promise<LogRequest>((resolve) => {
    const log: grpc.handleUnaryCall<LogRequest, Empty> = (call, callback) => {
      resolve(call.request);
      callback(null, new Empty());
    };
    engine.addService(EngineService, { log });
  });
  const port = await new Promise<number>((resolve) => {
    engine.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (_, bound) => resolve(bound));
  });
  closing.push(() => engine.forceShutdown());
  const { client } = await serve(
    standInWith({
      create: async (_, __, { report, signal }) => {
        report("working");
        await once(signal, "abort");
        throw new Error("cancelled");
      },
    }),
    `127.0.0.1:${port}`,
  );
  const creation = ask<proto.CreateResponse>((reply) => client.create(named(new proto.CreateRequest()), reply));
  const line = await logged;
  expect([line.getMessage(), line.getUrn(), line.getEphemeral()]).toEqual(["working", identity.urn, true]);
  const rejected = expect(creation).rejects.toMatchObject({ details: "cancelled" });
  await ask<Empty>((reply) => client.cancel(new Empty(), reply));
  await rejected;
});

it("answers an empty read for what is gone", async () => {
  const { client } = await serve(standInWith({ read: async () => undefined }));
  const response = await ask<proto.ReadResponse>((reply) =>
    client.read(named(new proto.ReadRequest()).setId("a"), reply),
  );
  expect([response.getId(), response.hasProperties()]).toEqual(["", false]);
});
