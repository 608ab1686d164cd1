import { createSign, generateKeyPairSync, type KeyObject, randomUUID } from "node:crypto";
import { type Agent, request } from "node:https";
import { connect, type SecureVersion, type TLSSocket } from "node:tls";
import { type Answer, answerTo, type Call } from "./http";

/** What every answer has. */
export const securityHeaders = {
  "strict-transport-security": "max-age=31536000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
};

/** How a caller of the gateway meets it. */
export interface GatewayCall extends Call {
  /** Name that it asks for, in TLS and in the request. Default the client's. */
  host?: string;
  /** Signed by a `TokenIssuer`. Default none. */
  token?: string;
  /** Shown in TLS. Default none. */
  identity?: { certificate: string; key: string };
}

/**
 * Whoever stands outside the gateway: each request has a connection of its own, so it meets the newest listener, unless an
 * agent is given.
 */
export class GatewayClient {
  constructor(
    private readonly address: string,
    private readonly port: number,
    private readonly host: string,
    /** PEM of the authority that the client trusts. */
    private readonly authority: string,
  ) {}

  send(call: GatewayCall = {}, agent?: Agent): Promise<Answer> {
    const { host = this.host, path = "/", method = "GET", headers = {}, body, token, identity } = call;
    const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const sent = request({
      ...{ host: this.address, port: this.port, servername: host, ca: this.authority, agent: agent ?? false },
      ...(identity === undefined ? {} : { cert: identity.certificate, key: identity.key }),
      ...{ path, method, headers: { host, ...authorization, ...headers } },
    });
    return answerTo(sent, body);
  }

  /** Whether the gateway speaks this version of TLS. */
  negotiates(version: SecureVersion): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = this.connect({ minVersion: version, maxVersion: version, ciphers: "DEFAULT@SECLEVEL=0" });
      socket.on("secureConnect", () => resolve(socket.getProtocol() === version));
      socket.on("secureConnect", () => socket.destroy());
      socket.on("error", () => resolve(false));
    });
  }

  /** Sends text and waits: what came until the gateway ended the connection. */
  unfinished(text: string): Promise<string> {
    return new Promise((resolve) => {
      const socket = this.connect({});
      let answer = "";
      socket.on("data", (chunk: Buffer) => (answer += chunk.toString()));
      socket.on("error", () => undefined);
      socket.on("close", () => resolve(answer));
      socket.write(text);
    });
  }

  private connect(options: { minVersion?: SecureVersion; maxVersion?: SecureVersion; ciphers?: string }): TLSSocket {
    return connect({ host: this.address, port: this.port, servername: this.host, ca: this.authority, ...options });
  }
}

/** Signs tokens with a key of its own. */
export class TokenIssuer {
  private readonly id = randomUUID();
  private readonly keys: { publicKey: KeyObject; privateKey: KeyObject } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
  });

  constructor(readonly name: string) {}

  /** JSON Web Key Set. */
  get jwks(): string {
    const key = { ...this.keys.publicKey.export({ format: "jwk" }), kid: this.id, alg: "ES256", use: "sig" };
    return JSON.stringify({ keys: [key] });
  }

  /** @param claims beside or instead of the usual ones, of a token that is valid for an hour. */
  sign(claims: Record<string, unknown>): string {
    const now = Math.floor(Date.now() / 1000);
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const usual = { iss: this.name, sub: "user-1", iat: now, exp: now + 3600 };
    const content = `${encode({ alg: "ES256", kid: this.id, typ: "JWT" })}.${encode({ ...usual, ...claims })}`;
    const key = { key: this.keys.privateKey, dsaEncoding: "ieee-p1363" as const };
    return `${content}.${createSign("sha256").update(content).sign(key, "base64url")}`;
  }
}
