import { generateKeyPairSync, sign } from "node:crypto";
import type { MeshObject } from "./mesh";

/** Of the pods of the gateway. */
export const gatewayLabels = { "istio.io/gateway-name": "edge" };

/** Two gateways where there are no pods: the same workload, told apart by their ports. */
export function gateway(port: number): MeshObject {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "Gateway",
    metadata: { name: `edge-${port}`, namespace: "shop" },
    spec: {
      selector: { ...gatewayLabels, port: String(port) },
      servers: [{ port: { number: port, name: "http", protocol: "HTTP" }, hosts: ["*"] }],
    },
  };
}

export function route(ports: number[]): MeshObject {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "VirtualService",
    metadata: { name: "edge", namespace: "shop" },
    spec: {
      hosts: ["*"],
      gateways: ports.map((port) => `edge-${port}`),
      http: [{ route: [{ destination: { host: "catalog.shop.svc.cluster.local", port: { number: 8080 } } }] }],
    },
  };
}

/** Stands for the limiter's Service and its EndpointSlices. */
export function limiterWorkloads(ports: number[]): MeshObject {
  return {
    apiVersion: "networking.istio.io/v1",
    kind: "ServiceEntry",
    metadata: { name: "limiter-workloads", namespace: "shop" },
    spec: {
      hosts: ["rate-limiter.shop.svc.cluster.local"],
      ports: [{ number: 8081, name: "grpc", protocol: "GRPC" }],
      location: "MESH_INTERNAL",
      resolution: "STATIC",
      endpoints: ports.map((port) => ({ address: "127.0.0.1", ports: { grpc: port } })),
    },
  };
}

const issuer = "https://login.example.com";

/** Who says which tenant a request is of, and of which tier. */
export class TokenIssuer {
  private readonly keys = generateKeyPairSync("rsa", { modulusLength: 2048 });

  /** The gateway takes the tenant and the tier from the token, and takes their headers away where there is none. */
  authentication(): MeshObject {
    const key = { ...this.keys.publicKey.export({ format: "jwk" }), kid: "test", alg: "RS256" };
    return {
      apiVersion: "security.istio.io/v1",
      kind: "RequestAuthentication",
      metadata: { name: "edge", namespace: "shop" },
      spec: {
        selector: { matchLabels: gatewayLabels },
        jwtRules: [
          {
            ...{ issuer, jwks: JSON.stringify({ keys: [key] }) },
            outputClaimToHeaders: ["tenant", "tier"].map((claim) => ({ header: `x-omega-${claim}`, claim })),
          },
        ],
      },
    };
  }

  token(claims: object): string {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const expires = Math.floor(Date.now() / 1000) + 3600;
    const text = `${part({ alg: "RS256", kid: "test" })}.${part({ iss: issuer, exp: expires, ...claims })}`;
    return `${text}.${sign("RSA-SHA256", Buffer.from(text), this.keys.privateKey).toString("base64url")}`;
  }
}
