// The `test` of all specs: a server per world, and a page that fails its test on any error in the browser.
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { Api } from "./api.ts";
import { noteCookie, watchReplies } from "./canary.ts";
import { appeared } from "./looks.ts";
import { ADMIN, Server } from "./server.ts";

/** What went wrong in the browser. Errors that a test causes on purpose are allowed while it does so. */
export class Guard {
  private readonly found: string[] = [];
  private readonly hosts: string[] = [];
  private allowed: RegExp | undefined;

  /** Lets pages talk to this address too: another way to the same server. */
  allow(own: string): void {
    this.hosts.push(`${own}/`);
  }

  /** Watches a page, which may talk to `own` alone. */
  watch(page: Page, own: string): void {
    this.allow(own);
    watchReplies(page);
    page.on("console", (message) => {
      if (message.type() === "error") this.note(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.note(`page: ${error.message}`));
    page.on("request", (request) => {
      const url = request.url();
      const known = /^(data|blob|about):/.test(url) || this.hosts.some((host) => url.startsWith(host));
      if (!known) this.note(`foreign host: ${url}`);
    });
  }

  private note(text: string): void {
    if (!this.allowed?.test(text)) this.found.push(text);
  }

  /** Runs `body` while errors that match are expected, such as refused connections while the server is down. */
  async expecting(allowed: RegExp, body: () => Promise<void>): Promise<void> {
    this.allowed = allowed;
    try {
      await body();
    } finally {
      this.allowed = undefined;
    }
  }

  /** Fails when anything was found. */
  check(): void {
    expect(this.found, "errors in the browser").toEqual([]);
  }
}

export const test = base.extend<{ guard: Guard }, { world: string; server: Server; api: Api }>({
  // Specs of one world share a server and its data; `test.use({ world: "story" })` begins with an empty one.
  world: ["shared", { scope: "worker", option: true }],
  server: [
    async ({ world: _ }, use) => {
      const server = await Server.start();
      await use(server);
      await server.end();
    },
    { scope: "worker", timeout: 90_000 },
  ],
  api: [async ({ server }, use) => use(await Api.signIn(server)), { scope: "worker" }],
  baseURL: async ({ server }, use) => use(server.url),
  guard: [
    async ({ page, server }, use) => {
      const guard = new Guard();
      guard.watch(page, server.url);
      await use(guard);
      guard.check();
    },
    { auto: true },
  ],
});

/** Signs in by the form; at `base` where the server goes by another address too. */
export async function signIn(page: Page, base = ""): Promise<void> {
  await page.goto(`${base}/login`);
  await page.getByRole("textbox", { name: "Email" }).fill(ADMIN.email);
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Dashboard" })).toBeVisible();
  await expect(pill(page)).toHaveText("Live");
}

/** Signs in without the form, for tests that are about something else. */
export async function signedIn(page: Page, server: Server): Promise<void> {
  const origin = { origin: server.url };
  const reply = await page.request.post("/api/v1/auth/login", { data: ADMIN, headers: origin });
  expect(reply.status(), "sign-in").toBe(200);
  noteCookie(reply.headers()["set-cookie"]);
}

/** How far the page can be believed: the button at the top that always says it. */
export function pill(page: Page): Locator {
  return page.getByRole("button", { name: /^(Connecting|Live|Delayed|Disconnected|Paused)/ });
}

/** The heading of the page, of which there is one. */
export function heading(page: Page, name: string | RegExp): Locator {
  return page.getByRole("heading", { level: 1, name });
}

/** No violation of WCAG 2.2 A and AA on the page as it stands. */
export async function expectAccessible(page: Page, when = "axe"): Promise<void> {
  await appeared(page);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  // The page has no frames, so that axe needs no second page to put results together: half the time.
  const { violations } = await new AxeBuilder({ page }).withTags(tags).setLegacyMode().analyze();
  const short = violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map((node) => node.target.join(" ")) }));
  expect.soft(short, when).toEqual([]);
}

export { expect };
