// The `test` of all specs: a server per world, and a page that fails its test on any error in the browser.
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect, type Page } from "@playwright/test";
import { Server } from "./server.ts";

/** What went wrong in the browser. Errors that a test causes on purpose are allowed while it does so. */
export class Guard {
  private readonly found: string[] = [];
  private allowed: RegExp | undefined;

  constructor(page: Page, own: string) {
    page.on("console", (message) => {
      if (message.type() === "error") this.note(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("pageerror", (error) => this.note(`page: ${error.message}`));
    page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(`${own}/`) && !/^(data|blob|about):/.test(url)) this.note(`foreign host: ${url}`);
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

export const test = base.extend<{ guard: Guard }, { world: string; server: Server }>({
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
  baseURL: async ({ server }, use) => use(server.url),
  guard: [
    async ({ page, server }, use) => {
      const guard = new Guard(page, server.url);
      await use(guard);
      guard.check();
    },
    { auto: true },
  ],
});

/** No violation of WCAG 2.2 A and AA on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await new AxeBuilder({ page }).withTags(tags).analyze();
  const short = violations.map(({ id, help, nodes }) => ({ id, help, at: nodes.map((node) => node.target.join(" ")) }));
  expect(short, "axe").toEqual([]);
}

export { expect };
