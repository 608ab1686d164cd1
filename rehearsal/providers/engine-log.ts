import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Shows what an operation is doing beside its resource. */
export class EngineLog {
  private client: EngineClient | undefined;

  constructor(private address: string | undefined) {}

  /** Handshake and Attach may name another engine than the command line did. */
  connect(address: string): void {
    if (address === this.address) return;
    this.client?.close();
    this.client = undefined;
    this.address = address;
  }

  status(urn: string, message: string): void {
    if (!this.address) return;
    this.client ??= new EngineClient(this.address, credentials.createInsecure());
    const request = new LogRequest().setSeverity(LogSeverity.INFO).setUrn(urn).setMessage(message).setEphemeral(true);
    // A status line that gets lost must not fail the operation.
    this.client.log(request, () => undefined);
  }

  close(): void {
    this.client?.close();
  }
}
