// A node has one status word, wherever it is shown: on the dashboard, in both lists, on its region's tab, on its own page,
// and in what the API answers.
import type { Page } from "@playwright/test";
import { eventually, freePort } from "../support/processes.ts";
import { Server } from "../support/server.ts";
import { Api } from "../support/api.ts";
import { expect, signedIn, test } from "../support/test.ts";

/** Stale for long enough to look at every page. */
const TIMERS = { interval: 500, stale: 1_500, offline: 16_000 };
/** After its start the server judges no silence for one and a half times as long as it takes to be offline. */
const GRACE = 1.5 * TIMERS.offline;

test("one word for one node on every page and in the API, whatever becomes of it", async ({ context, guard }) => {
  test.setTimeout(150_000);
  const server = await Server.start(TIMERS);
  const started = Date.now();
  const tabs: Page[] = [];
  try {
    const api = await Api.signIn(server);
    const region = await api.createRegion("KW", `word-${await freePort()}`);
    const made = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`, { displayName: "one-word" });
    const node = await server.startNode(made.snippet);
    // Another one, so that the first is not the last that takes calls.
    const other = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`);
    await server.startNode(other.snippet);
    await eventually("the other one is live", 20_000, async () =>
      (await api.node(other.node.id)).liveness === "live" ? true : undefined,
    );
    const places: [string, string, (page: Page) => ReturnType<Page["locator"]>][] = [
      // A region's word is that of its worst node.
      ["the dashboard", "/dashboard", (page) => page.getByRole("article").filter({ hasText: region }).locator(".st")],
      ["the regions", "/regions", (page) => page.getByRole("article").filter({ hasText: region }).locator(".st")],
      ["the region's tab", `/regions/${region}/nodes`, (page) => page.locator("tbody tr").filter({ hasText: "one-word" }).locator(".st")],
      ["the region's heading", `/regions/${region}`, (page) => page.locator(".hd").first().locator(".st")],
      ["the nodes", "/nodes", (page) => page.locator("tbody tr").filter({ hasText: "one-word" }).locator(".st")],
      ["the node's page", `/nodes/${made.node.id}`, (page) => page.locator(".node-hd .st:not(.plain)")],
    ];
    for (const [, path] of places) {
      const tab = await context.newPage();
      guard.watch(tab, server.url);
      tabs.push(tab);
      if (tabs.length === 1) {
        const reply = await tab.request.post(`${server.url}/api/v1/auth/login`, {
          data: { email: "admin@localhost", password: "a password for tests only" },
          headers: { origin: server.url },
        });
        expect(reply.status()).toBe(200);
      }
      await tab.goto(`${server.url}${path}`);
    }
    /** The API says so, and then every page does. */
    const all = async (word: string) => {
      await eventually(`the API says ${word}`, 45_000, async () =>
        (await api.node(made.node.id)).status.word === word.toLowerCase() ? true : undefined,
      );
      for (const [at, [where, , badge]] of places.entries()) {
        const tab = tabs[at];
        if (!tab) throw new Error("a tab for each place");
        await expect(badge(tab).first(), where).toHaveText(new RegExp(`^${word}( · .+)?$`), { useInnerText: true });
      }
      // Still so when the last page has been read: all of them were right at one time.
      expect((await api.node(made.node.id)).status.word, "after all pages").toBe(word.toLowerCase());
    };
    const intend = async (state: string) => {
      const { version } = await api.get<{ version: number }>(`/api/v1/nodes/${made.node.id}`);
      const wish = { state, privateReason: "a test of words", publicReason: null, until: null };
      await api.send("PUT", `/api/v1/nodes/${made.node.id}/intent`, wish, `"${version}"`);
      // The node obeys a moment later: what it is at by its own word is part of its status.
      await eventually(`the node reports that it obeys ${state}`, 20_000, async () => {
        const { runtime } = await api.get<{ runtime: string }>(`/api/v1/nodes/${made.node.id}`);
        return (runtime === "maintenance") === (state === "maintenance") ? true : undefined;
      });
    };

    await test.step("live", () => all("Online"));
    await intend("maintenance");
    await test.step("in maintenance", () => all("Maintenance"));
    await intend("active");
    await test.step("live again", () => all("Online"));
    await eventually("silence is judged", GRACE + 5_000, async () => (Date.now() > started + GRACE ? true : undefined));
    await node.kill();
    await test.step("silent for a moment", () => all("Stale"));
    await test.step("silent for too long", () => all("Offline"));
  } finally {
    await Promise.all(tabs.map((tab) => tab.close()));
    await server.end();
  }
});
