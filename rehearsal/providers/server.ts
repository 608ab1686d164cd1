import * as grpc from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { type IResourceProviderServer, ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import {
  ConfigureResponse,
  CreateResponse,
  GetSchemaResponse,
  InvokeResponse,
  ProviderHandshakeResponse,
  ReadResponse,
  UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb";
import { EngineLog } from "./engine-log";
import { checkResponse, diffResponse, errorResponse } from "./responses";
import type { ExistingResource, Operation, ResourceReference, StandIn } from "./stand-in";
import { containsSecret, decode, decodeMarked, encode } from "./wire";

// The engine's own limit.
const maximumMessageBytes = 400 * 1024 * 1024;

interface ResourceRequest {
  getUrn(): string;
  getType(): string;
  getName(): string;
}

function reference(request: ResourceRequest): ResourceReference {
  return { urn: request.getUrn(), type: request.getType(), name: request.getName() };
}

function existing(
  request: ResourceRequest & { getId(): string },
  inputs: Struct | undefined,
  outputs: Struct | undefined,
): ExistingResource {
  return { ...reference(request), id: request.getId(), inputs: decode(inputs), outputs: decode(outputs) };
}

function unary<Request, Response>(
  handle: (request: Request) => Promise<Response>,
  inputs: (request: Request) => Struct | undefined = () => undefined,
): grpc.handleUnaryCall<Request, Response> {
  return (call, callback) => {
    handle(call.request).then(
      (response) => callback(null, response),
      (error: unknown) => callback(errorResponse(error, decodeMarked(inputs(call.request)))),
    );
  };
}

/**
 * The engine's provider protocol over a stand-in. One server is one provider instance, whatever connections come and go.
 * It takes the marks of secrets, so as to know what must not be stored, and hands plain values to the stand-in.
 */
export class ProviderServer {
  private readonly server = new grpc.Server({
    "grpc.max_receive_message_length": maximumMessageBytes,
    "grpc.max_send_message_length": maximumMessageBytes,
  });
  private readonly cancellation = new AbortController();
  private readonly log: EngineLog;

  constructor(
    private readonly standIn: StandIn,
    private readonly version: string,
    engineAddress?: string,
  ) {
    this.log = new EngineLog(engineAddress);
    this.server.addService(ResourceProviderService, {
      ...this.pluginCalls(),
      ...this.configurationCalls(),
      ...this.resourceCalls(),
    });
  }

  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      // Loopback only: a stand-in does whatever it is told.
      this.server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      );
    });
  }

  close(): void {
    this.log.close();
    this.server.forceShutdown();
  }

  private operation(urn: string, preview: boolean, timeoutSeconds: number, inputs: Struct | undefined): Operation {
    const marked = Object.entries(decodeMarked(inputs)).filter(([, value]) => containsSecret(value));
    return {
      preview,
      timeoutSeconds,
      secrets: marked.map(([key]) => key),
      report: (message) => this.log.status(urn, message),
      signal: this.cancellation.signal,
    };
  }

  private pluginCalls() {
    return {
      handshake: unary(async (request) => {
        this.log.connect(request.getEngineAddress());
        return new ProviderHandshakeResponse().setAcceptSecrets(true);
      }),
      attach: unary(async (request) => {
        this.log.connect(request.getAddress());
        return new Empty();
      }),
      getPluginInfo: unary(async () => new PluginInfo().setVersion(this.version)),
      getSchema: unary(async () => new GetSchemaResponse().setSchema("{}")),
      cancel: unary(async () => {
        this.cancellation.abort();
        return new Empty();
      }),
    } satisfies Partial<IResourceProviderServer>;
  }

  private configurationCalls() {
    return {
      checkConfig: unary(async (request) => {
        const failures = await this.standIn.checkConfig(decode(request.getNews()));
        return checkResponse(encode(decodeMarked(request.getNews())), failures);
      }),
      diffConfig: unary(async (request) => {
        const [olds, news] = [decode(request.getOldInputs()), decode(request.getNews())];
        return diffResponse(await this.standIn.diffConfig(olds, news), olds, news);
      }),
      configure: unary(async (request) => {
        await this.standIn.configure(decode(request.getArgs()));
        return new ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
      }),
      invoke: unary(async (request) => {
        const result = await this.standIn.invoke(request.getTok(), decode(request.getArgs()));
        return new InvokeResponse().setReturn(encode(result));
      }),
    } satisfies Partial<IResourceProviderServer>;
  }

  private resourceCalls() {
    return {
      check: unary(async (request) => {
        // No old inputs arrive as an empty object.
        const olds = decode(request.getOlds());
        const { inputs, failures } = await this.standIn.check(
          reference(request),
          Object.keys(olds).length > 0 ? olds : undefined,
          decode(request.getNews()),
          request.getRandomseed_asU8(),
        );
        return checkResponse(encode(inputs, decodeMarked(request.getNews())), failures);
      }),
      diff: unary(async (request) => {
        const resource = existing(request, request.getOldInputs(), request.getOlds());
        const news = decode(request.getNews());
        const difference = await this.standIn.diff(resource, news, request.getIgnorechangesList());
        return diffResponse(difference, resource.inputs, news);
      }),
      create: unary(
        async (request) => {
          const wire = request.getProperties();
          const operation = this.operation(request.getUrn(), request.getPreview(), request.getTimeout(), wire);
          const { id, outputs } = await this.standIn.create(reference(request), decode(wire), operation);
          return new CreateResponse().setId(id).setProperties(encode(outputs, decodeMarked(wire)));
        },
        (request) => request.getProperties(),
      ),
      read: unary(
        async (request) => {
          const found = await this.standIn.read(existing(request, request.getInputs(), request.getProperties()));
          if (!found) return new ReadResponse();
          return new ReadResponse()
            .setId(found.id)
            .setInputs(encode(found.inputs, decodeMarked(request.getInputs())))
            .setProperties(encode(found.outputs, decodeMarked(request.getProperties())));
        },
        (request) => request.getInputs(),
      ),
      update: unary(
        async (request) => {
          const wire = request.getNews();
          const operation = {
            ...this.operation(request.getUrn(), request.getPreview(), request.getTimeout(), wire),
            ignoreChanges: request.getIgnorechangesList(),
          };
          const resource = existing(request, request.getOldInputs(), request.getOlds());
          const { outputs } = await this.standIn.update(resource, decode(wire), operation);
          return new UpdateResponse().setProperties(encode(outputs, decodeMarked(wire)));
        },
        (request) => request.getNews(),
      ),
      delete: unary(async (request) => {
        const wire = request.getOldInputs();
        const operation = this.operation(request.getUrn(), false, request.getTimeout(), wire);
        await this.standIn.delete(existing(request, wire, request.getProperties()), operation);
        return new Empty();
      }),
    } satisfies Partial<IResourceProviderServer>;
  }
}
