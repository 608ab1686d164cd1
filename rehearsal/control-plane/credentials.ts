import { generateKeyPairSync, randomBytes, X509Certificate } from "node:crypto";
import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { stringify } from "yaml";
import { z } from "zod";
import { readFileIfExists, writePrivateFile } from "../files";

/** KWOK plays the kubelets and the operators, which may write anything. The two others have roles of their own. */
const administrators = ["admin", "kwok"] as const;
const users = [...administrators, "system:kube-controller-manager", "system:kube-scheduler"] as const;

export type User = (typeof users)[number];

const settings = z.object({ port: z.int(), tokens: z.record(z.enum(users), z.string()) });

/** What stays for as long as a control plane's data, so that a kubeconfig remains valid over restarts. */
export type Settings = z.infer<typeof settings>;

/** Below the ports that the kernel gives to outgoing connections, which could take it while the API server is away. */
async function choosePort(taken: number[]): Promise<number> {
  for (;;) {
    const port = 20_000 + (randomBytes(2).readUInt16BE() % 12_000);
    if (!taken.includes(port) && (await isPortFree(port))) return port;
  }
}

export function isPortFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

export function readSettings(folder: string): Settings | undefined {
  const text = readFileIfExists(join(folder, "settings.json"));
  return text === undefined ? undefined : settings.parse(JSON.parse(text));
}

export async function ensureSettings(folder: string, portsTaken: number[]): Promise<Settings> {
  const existing = readSettings(folder);
  if (existing) return existing;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string) => writePrivateFile(join(folder, name), text);

  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  write("service-account.key", privateKey.export({ type: "pkcs8", format: "pem" }).toString());

  const tokens = settings.shape.tokens.parse(
    Object.fromEntries(users.map((user) => [user, randomBytes(24).toString("hex")])),
  );
  const groupOf = (user: User) => (administrators.some((name) => name === user) ? "system:masters" : "");
  write("tokens.csv", users.map((user) => `${tokens[user]},${user},${user},${groupOf(user)}\n`).join(""));

  const key = { name: "rehearsal", secret: randomBytes(32).toString("base64") };
  const encryption = {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [{ resources: ["secrets"], providers: [{ secretbox: { keys: [key] } }] }],
  };
  write("encryption.yaml", stringify(encryption));

  // Last: its presence says that the others are complete.
  const created = { port: await choosePort(portsTaken), tokens };
  write("settings.json", JSON.stringify(created, null, 2));
  return created;
}

/** The authority behind the certificate that the API server makes for itself; empty until both are written. */
export function certificateAuthorityIn(certificates: string): string {
  const found = certificates.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g) ?? [];
  return found.find((certificate) => new X509Certificate(certificate).ca) ?? "";
}
