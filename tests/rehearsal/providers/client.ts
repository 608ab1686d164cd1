import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { Operation } from "../../../rehearsal/providers/stand-in";

export const connect = (port: number): ResourceProviderClient =>
  new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());

type Reply<Response> = (error: ServiceError | null, response: Response) => void;

/** A unary call as a promise. */
export const ask = <Response>(call: (reply: Reply<Response>) => unknown): Promise<Response> =>
  new Promise((resolve, reject) => {
    call((error, response) => (error ? reject(error) : resolve(response)));
  });

export const operation = (rest: Partial<Operation> = {}): Operation => ({
  preview: false,
  timeoutSeconds: 0,
  report: () => undefined,
  signal: new AbortController().signal,
  ...rest,
});
