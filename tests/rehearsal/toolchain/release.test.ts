import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import net, { type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { provideFrom } from "../../../rehearsal/toolchain/provide";
import { release, type Release, type Timeouts } from "../../../rehearsal/toolchain/release";
import type { Checksums, Source } from "../../../rehearsal/toolchain/tool";
import { putProgram, rejectionOf, script, scriptSource, toolFrom, useSandbox } from "./sandbox";

const sandbox = useSandbox();
const files = new Map<string, Buffer>();
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const body = files.get(pathname);
    if (pathname === "/moved") response.writeHead(302, { location: "/plain" }).end();
    else if (pathname === "/stalling") response.write("first bytes");
    else if (pathname === "/slow") void drip(response, files.get("/plain"));
    else if (body === undefined) response.writeHead(404).end();
    else response.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(() => {
  const folder = join(sandbox.root, "tool-1.3.0");
  mkdirSync(folder);
  putProgram(folder, "tool", script("1.3.0"));
  const at = { cwd: sandbox.root };
  execFileSync("tar", ["-czf", "release.tar.gz", "tool-1.3.0"], at);
  execFileSync("python3", ["-m", "zipfile", "-c", "release.zip", "tool-1.3.0/"], at);
  files.set("/plain", readFileSync(join(folder, "tool")));
  for (const name of ["release.tar.gz", "release.zip"]) files.set(`/${name}`, readFileSync(join(sandbox.root, name)));
});

/** Sends the file in three parts, 300 ms apart. */
async function drip(response: ServerResponse, file: Buffer = Buffer.alloc(0)): Promise<void> {
  const third = Math.ceil(file.length / 3);
  for (const start of [0, third, 2 * third]) {
    response.write(file.subarray(start, start + third));
    await sleep(300);
  }
  response.end();
}

/** Pins what the server sends, for every platform that the tests may run on. */
function pin(path: string, sha256 = sha256Of(path)): Checksums {
  const platforms = ["linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"];
  return Object.fromEntries(platforms.map((platform) => [`tool@1.3.0/${platform}`, sha256]));
}

function sha256Of(path: string): string {
  return createHash("sha256")
    .update(files.get(path) ?? "")
    .digest("hex");
}

function at(path: string, more: Omit<Release, "url"> = {}, timeouts?: Timeouts): Source {
  return release(() => ({ url: origin + path, ...more }), timeouts);
}

async function outcome(source: Source, checksums: Checksums): Promise<string> {
  return rejectionOf(provideFrom({ tool: toolFrom(source) }, ["tool"], { checksums }));
}

test.each([
  ["/plain", undefined],
  ["/release.tar.gz", "tool-1.3.0/tool"],
  ["/release.zip", "tool-1.3.0/tool"],
])("%s with the pinned checksum becomes a program", async (path, member) => {
  const source = at(path, member === undefined ? {} : { member });
  const { tool } = await provideFrom({ tool: toolFrom(source) }, ["tool"], { checksums: pin(path) });
  expect(readFileSync(tool, "utf8")).toBe(script("1.3.0"));
  expect(statSync(tool).mode & 0o111).toBe(0o111);
});

test("the location gets the tool's version and this machine's platform", async () => {
  const locate = jest.fn(() => undefined);
  await outcome(release(locate), {});
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  expect(locate).toHaveBeenCalledWith({ version: "1.3.0", os: process.platform, architecture });
});

test("a redirection is followed", async () => {
  const { tool } = await provideFrom({ tool: toolFrom(at("/moved")) }, ["tool"], { checksums: pin("/plain") });
  expect(readFileSync(tool, "utf8")).toBe(script("1.3.0"));
});

test("another checksum is refused, clearly, and the next source is used", async () => {
  const checksums = pin("/plain", "0".repeat(64));
  const lines: string[] = [];
  const tools = { tool: toolFrom(at("/plain"), scriptSource("1.3.7")) };
  const { tool } = await provideFrom(tools, ["tool"], { checksums, log: (line) => lines.push(line) });
  expect(readFileSync(tool, "utf8")).toBe(script("1.3.7"));
  expect(lines).toContain(
    `tool 1.3.0  not downloaded from its official release: ${origin}/plain refused: ` +
      `its sha256 is ${sha256Of("/plain")}, pinned is ${"0".repeat(64)}`,
  );
});

test("without a pinned checksum nothing is downloaded", async () => {
  const asked = jest.fn();
  server.on("request", asked);
  expect(await outcome(at("/plain"), {})).toContain("official release: no pinned checksum");
  server.off("request", asked);
  expect(asked).not.toHaveBeenCalled();
});

test("a platform without a release is said", async () => {
  const none = release(() => undefined);
  expect(await outcome(none, {})).toContain(`official release: none for ${process.platform}-${process.arch}`);
});

test("a missing file and a server that falls silent are reasons", async () => {
  expect(await outcome(at("/absent"), pin("/absent"))).toContain("/absent answered 404");
  const stalling = at("/stalling", {}, { connect: 2_000, stall: 100 });
  expect(await outcome(stalling, pin("/stalling"))).toContain("/stalling sent nothing for 100 ms");
});

test("a server that is slow, but not silent, gets the time that it needs", async () => {
  const slow = at("/slow", {}, { connect: 2_000, stall: 800 });
  const { tool } = await provideFrom({ tool: toolFrom(slow) }, ["tool"], { checksums: pin("/plain") });
  expect(readFileSync(tool, "utf8")).toBe(script("1.3.0"));
});

describe("an unreachable network", () => {
  afterEach(() => jest.restoreAllMocks());

  test("that refuses is a reason", async () => {
    const refused = release(() => ({ url: "http://127.0.0.1:1/tool" }));
    expect(await outcome(refused, pin("/tool"))).toMatch(/127\.0\.0\.1:1 can't be reached: .*ECONNREFUSED/);
  });

  test("that swallows packets is given up on soon", async () => {
    jest.spyOn(net, "connect").mockImplementation(() => new net.Socket());
    const swallowed = at("/plain", {}, { connect: 100, stall: 2_000 });
    expect(await outcome(swallowed, pin("/plain"))).toContain("can't be reached: no connection in 100 ms");
  });
});
