import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, launch, type Page } from "puppeteer-core";
import { provideTools } from "../../../rehearsal/toolchain";
import { TestEdge } from "./fixture";

jest.setTimeout(180_000);

/** A real browser before the Worker, with a cache of its own on disk. */

const edge = new TestEdge();
const profile = mkdtempSync(join(tmpdir(), "omega-browser-"));
let browser: Browser;
let address: string;

beforeAll(async () => {
  const { chromium } = await provideTools(["chromium"]);
  // By the address, since no name leads to it: a port is no part of a host.
  await edge.start({ settings: { hosts: ["127.0.0.1"] } });
  address = (await edge.miniflare.ready).origin;
  browser = await launch({
    executablePath: join(chromium, "chromium"),
    env: { ...process.env, LD_LIBRARY_PATH: join(chromium, "lib") },
    userDataDir: profile,
    headless: "shell",
    args: ["--no-sandbox", "--no-zygote", "--disable-gpu", "--disable-dev-shm-usage"],
  });
});
afterAll(async () => {
  await browser?.close();
  await edge.stop();
  rmSync(profile, { recursive: true, force: true });
});

interface Loaded {
  fromCache: boolean;
  status: number;
  control: string | undefined;
  age: string | undefined;
}

/** What the browser says of each answer, by its path. */
async function load(page: Page, path: string): Promise<Map<string, Loaded>> {
  const loaded = new Map<string, Loaded>();
  page.removeAllListeners("response");
  page.on("response", (response) => {
    const { "cache-control": control, age } = response.headers();
    const { pathname } = new URL(response.url());
    loaded.set(pathname, { fromCache: response.fromCache(), status: response.status(), control, age });
  });
  await page.goto(address + path, { waitUntil: "networkidle0" });
  return loaded;
}

test("a page is the browser's for an hour and its asset for a year: neither is asked for again", async () => {
  for (const region of edge.regions) {
    region.handler = (_, response) =>
      response
        .setHeader("content-type", "text/html")
        .setHeader("cache-control", "public, max-age=3600")
        .setHeader("cloudflare-cdn-cache-control", "public, max-age=86400")
        .end(`<!doctype html><title>loading</title><script src="/assets/app.1a2b.js"></script>`);
  }
  const bucket = await edge.miniflare.getR2Bucket("ASSETS");
  await bucket.put("assets/app.1a2b.js", `document.title = "ready";`, {
    httpMetadata: { contentType: "text/javascript" },
  });
  const page = await browser.newPage();
  const first = await load(page, "/products/page");
  expect(await page.title()).toBe("ready");
  expect(first.get("/products/page")).toMatchObject({ fromCache: false, status: 200 });
  const { control, age = "0" } = first.get("/products/page") ?? {};
  // A browser counts from the age that the edge's copy has.
  expect(Number(/max-age=(\d+)/.exec(control ?? "")?.[1]) - Number(age)).toBe(3600);
  expect(first.get("/assets/app.1a2b.js")).toMatchObject({
    ...{ fromCache: false, status: 200, control: "public, max-age=31536000, immutable" },
  });

  // Another page in the same browser, while nobody would answer.
  await edge.stop();
  const later = await browser.newPage();
  const second = await load(later, "/products/page");
  expect(await later.title()).toBe("ready");
  expect(second.get("/products/page")).toMatchObject({ fromCache: true, status: 200 });
  expect(second.get("/assets/app.1a2b.js")).toMatchObject({ fromCache: true, status: 200 });
  await expect(load(later, "/products/other")).rejects.toThrow("ERR_CONNECTION_REFUSED");
});
