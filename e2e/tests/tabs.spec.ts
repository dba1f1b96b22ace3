// Many tabs, one stream: all of them live over six connections, and none depends on the tab that was first.
import type { BrowserContext, Page } from "@playwright/test";
import { Freeze, tell } from "../support/freeze.ts";
import { eventually, freePort } from "../support/processes.ts";
import type { Server } from "../support/server.ts";
import { SlowLine } from "../support/slow-line.ts";
import { type Guard, expect, heading, pill, signedIn, test } from "../support/test.ts";
import { collect, collected, leadsSince, watchLead } from "../support/watch.ts";

/** Opens more tabs beside the first, which is signed in. */
async function open(context: BrowserContext, guard: Guard, url: string, paths: string[]): Promise<Page[]> {
  const tabs: Page[] = [];
  for (const path of paths) {
    const tab = await context.newPage();
    guard.watch(tab, url);
    await tab.goto(`${url}${path}`);
    tabs.push(tab);
  }
  return tabs;
}

/** What a tab says of its place among the tabs. */
async function place(tab: Page): Promise<string> {
  const value = tab.locator(".fresh dt", { hasText: "This tab" }).locator("+ dd");
  return (await value.textContent()) ?? "";
}

/** The tab that holds the connection. */
async function leader(tabs: Page[]): Promise<Page> {
  return await eventually("one tab leads and the others follow", 10_000, async () => {
    const places = await Promise.all(tabs.map(place));
    const leading = tabs.filter((_, at) => places[at]?.startsWith("Holds"));
    const following = places.filter((text) => text.startsWith("Gets")).length;
    return leading.length === 1 && following === tabs.length - 1 ? leading[0] : undefined;
  });
}

async function withLine(server: Server, guard: Guard, body: (line: SlowLine) => Promise<void>, context: BrowserContext) {
  const line = await SlowLine.open(server);
  try {
    guard.allow(line.url);
    await body(line);
  } finally {
    // The pages go first, or they would see their connections break.
    for (const tab of context.pages()) await tab.close();
    await line.close();
  }
}

test("eight tabs over HTTP/1.1 share one stream, all live, and a write works in each", async ({
  page,
  server,
  guard,
}) => {
  const context = page.context();
  await withLine(
    server,
    guard,
    async (line) => {
      await signedIn(page, server);
      await page.goto(`${line.url}/regions/new`);
      await expect(pill(page)).toHaveText("Live");
      const more = await open(context, guard, line.url, Array<string>(7).fill("/regions/new"));
      const tabs = [page, ...more];
      for (const tab of tabs) await expect(pill(tab)).toHaveText("Live");
      await leader(tabs);
      await expect.poll(() => line.open, "connections that carry a stream").toBe(1);
      for (const [n, tab] of tabs.entries()) {
        const name = `tab-${n}-${await freePort()}`;
        await tab.getByRole("combobox", { name: "Country" }).fill("Malta");
        await tab.getByRole("textbox", { name: "Region name" }).fill(name);
        await tab.getByRole("button", { name: "Create region" }).click();
        await expect(heading(tab, `MT-${name.toUpperCase()}`)).toBeVisible();
      }
      // Each is on a page of its own by now, and sees what is its own.
      for (const tab of tabs) {
        await expect(pill(tab)).toHaveText("Live");
        await expect(tab.getByRole("main")).toContainText("MT-TAB-");
      }
      await expect.poll(() => line.open, "connections that carry a stream").toBe(1);
    },
    context,
  );
});

test("the leading tab closes, stands still, or is frozen: another one leads", async ({
  page,
  server,
  guard,
}) => {
  const context = page.context();
  await withLine(
    server,
    guard,
    async (line) => {
      await signedIn(page, server);
      await page.goto(`${line.url}/dashboard`);
      await expect(pill(page)).toHaveText("Live");
      let tabs = [page, ...(await open(context, guard, line.url, ["/regions", "/nodes", "/help"]))];
      for (const tab of tabs) await expect(pill(tab)).toHaveText("Live");

      await test.step("it closes", async () => {
        const first = await leader(tabs);
        tabs = tabs.filter((tab) => tab !== first);
        for (const tab of tabs) await collect(tab);
        await first.close();
        await leader(tabs);
        await expect.poll(() => line.open).toBe(1);
        for (const tab of tabs) {
          await expect(pill(tab)).toHaveText("Live");
          expect((await collected(tab)).pill, "no tab was ever late").toEqual(["Live"]);
        }
      });

      await test.step("it stands still without a word, and goes on", async () => {
        const second = await leader(tabs);
        const others = tabs.filter((tab) => tab !== second);
        for (const tab of others) await watchLead(tab);
        const still = await Freeze.begin(second);
        const began = Date.now();
        const third = await leader(others);
        expect((await leadsSince(third)) - began, "5 s of silence and a moment").toBeLessThan(7_500);
        for (const tab of others) await expect(pill(tab)).toHaveText("Live");
        await still.end();
        expect(await leader(tabs), "the one that stood still follows").toBe(third);
        for (const tab of tabs) await expect(pill(tab)).toHaveText("Live");
        await expect.poll(() => line.open).toBe(1);
      });

      await test.step("it is told that it will be frozen, and thaws", async () => {
        const third = await leader(tabs);
        const others = tabs.filter((tab) => tab !== third);
        for (const tab of others) await collect(tab);
        await tell(third, "freeze");
        const frozen = await Freeze.begin(third);
        const fourth = await leader(others);
        for (const tab of others) expect((await collected(tab)).pill, "no tab was ever late").toEqual(["Live"]);
        await frozen.end();
        await tell(third, "resume");
        expect(await leader(tabs), "the one that thawed follows").toBe(fourth);
        for (const tab of tabs) await expect(pill(tab)).toHaveText("Live");
        await expect.poll(() => line.open).toBe(1);
      });
    },
    context,
  );
});

test("a browser without channels has a stream in every tab", async ({ page, server, guard }) => {
  const context = page.context();
  await withLine(
    server,
    guard,
    async (line) => {
      await context.addInitScript(() => Reflect.deleteProperty(window, "BroadcastChannel"));
      await signedIn(page, server);
      await page.goto(`${line.url}/dashboard`);
      const tabs = [page, ...(await open(context, guard, line.url, ["/nodes"]))];
      for (const tab of tabs) await expect(pill(tab)).toHaveText("Live");
      await expect.poll(() => line.open).toBe(2);
    },
    context,
  );
});

test("a tab of another build shares nothing with the rest", async ({ page, server, guard }) => {
  const context = page.context();
  await withLine(
    server,
    guard,
    async (line) => {
      await signedIn(page, server);
      await page.goto(`${line.url}/dashboard`);
      await expect(pill(page)).toHaveText("Live");
      const older = await context.newPage();
      guard.watch(older, line.url);
      // The program is the same and has another name, as after an update of the server.
      await older.route("**/nodes", async (route) => {
        if (route.request().resourceType() !== "document") return route.continue();
        const reply = await route.fetch();
        const body = (await reply.text()).replace(/(rel="?modulepreload"? href="?[^" >]+\.js)/, "$1?older");
        expect(body).toContain("?older");
        await route.fulfill({ response: reply, body });
      });
      await older.goto(`${line.url}/nodes`);
      for (const tab of [page, older]) await expect(pill(tab)).toHaveText("Live");
      await expect.poll(() => line.open).toBe(2);
      expect(await place(older)).toBe("Holds the connection");
    },
    context,
  );
});
