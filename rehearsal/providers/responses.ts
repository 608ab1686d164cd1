import * as grpc from "@grpc/grpc-js";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import {
  CheckFailure as WireFailure,
  CheckResponse,
  DiffResponse,
  ErrorResourceInitFailed,
  PropertyDiff,
} from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { messageOf } from "../errors";
import { segments, valueAtPath } from "./property-path";
import { type CheckFailure, type Difference, InitializationError, type Properties } from "./stand-in";
import { encode } from "./wire";

export function checkResponse(inputs: Struct, failures: CheckFailure[]): CheckResponse {
  const wireFailures = failures.map(({ property, reason }) =>
    new WireFailure().setProperty(property).setReason(reason),
  );
  return new CheckResponse().setInputs(inputs).setFailuresList(wireFailures);
}

function kind(path: string, olds: Properties, news: Properties, replace: boolean): PropertyDiff.Kind {
  const { Kind } = PropertyDiff;
  if (valueAtPath(olds, path) === undefined) return replace ? Kind.ADD_REPLACE : Kind.ADD;
  if (valueAtPath(news, path) === undefined) return replace ? Kind.DELETE_REPLACE : Kind.DELETE;
  return replace ? Kind.UPDATE_REPLACE : Kind.UPDATE;
}

export function diffResponse(difference: Difference, olds: Properties, news: Properties): DiffResponse {
  const { changed, replaces, deleteBeforeReplace = false } = difference;
  const topLevel = (paths: string[]) => [...new Set(paths.map((path) => String(segments(path)[0])))];
  const { DIFF_SOME, DIFF_NONE } = DiffResponse.DiffChanges;
  const response = new DiffResponse()
    .setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE)
    .setDiffsList(topLevel(changed))
    .setReplacesList(topLevel(replaces))
    .setDeletebeforereplace(deleteBeforeReplace)
    .setHasdetaileddiff(true);
  for (const path of changed) {
    const detail = new PropertyDiff().setKind(kind(path, olds, news, replaces.includes(path))).setInputdiff(true);
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}

/** `marked`: the inputs of the operation, whose secrets must stay secret in what is kept of a half-made object. */
export function errorResponse(error: unknown, marked: Properties): Partial<grpc.StatusObject> {
  const message = messageOf(error);
  if (!(error instanceof InitializationError)) return { code: grpc.status.UNKNOWN, details: message };
  const failure = new ErrorResourceInitFailed()
    .setId(error.id)
    .setInputs(encode(error.inputs, marked))
    .setProperties(encode(error.outputs, marked))
    .setReasonsList(error.reasons);
  const detail = new Any();
  detail.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status().setCode(grpc.status.UNKNOWN).setMessage(message).setDetailsList([detail]);
  const metadata = new grpc.Metadata();
  // Where gRPC looks for structured details; grpc-js leaves it to us.
  metadata.add("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code: grpc.status.UNKNOWN, details: message, metadata };
}
