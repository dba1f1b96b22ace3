// Ten thousand nodes that beat all the time: what is selected, focused and open stays, nothing moves under the hand, and
// the page holds a few rows of them.
import { writeFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { needed } from "../support/environment.ts";
import { Process, eventually } from "../support/processes.ts";
import { ADMIN, Server } from "../support/server.ts";
import { expect, expectAccessible, pill, signedIn, test as base } from "../support/test.ts";

const NODES = 10_000;
/** The nodes at the top of the list, which beat once a second. */
const FAST = 200;
/** How often the others do: what the server of a test stands beside a browser on two cores. */
const SLOW = "8s";

/** A server that expects a beat each second and takes nobody for silent who needs longer on a busy machine. */
const TIMERS = { interval: 1_000, stale: 60_000, offline: 120_000 };

const test = base.extend<object, { server: Server; fleet: Process[] }>({
  server: [
    async ({ world: _ }, use) => {
      const server = await Server.start(TIMERS);
      await use(server);
      await server.end();
    },
    { scope: "worker", timeout: 120_000 },
  ],
  fleet: [
    async ({ server }, use) => {
      const file = await register(server);
      const beat = (args: string[]) =>
        new Process("simulate", needed("IQRA_NODE_BIN"), ["simulate", "--url", server.url, "--no-goodbye", ...args], process.env);
      const fleet = [
        beat(["--secrets", file.fast, "--interval-override", "1s"]),
        beat(["--secrets", file.slow, "--interval-override", SLOW, "--concurrency", "32"]),
      ];
      await use(fleet);
      await Promise.all(fleet.map((one) => one.kill()));
    },
    { scope: "worker", timeout: 600_000 },
  ],
});

test.use({ world: "nodes-many" });

/** Adds the nodes through the API, many at once; the lists of their secrets for `iqra-node simulate`. */
async function register(server: Server): Promise<{ fast: string; slow: string }> {
  const json = { "content-type": "application/json" };
  const login = await fetch(`${server.url}/api/v1/auth/login`, { method: "POST", headers: json, body: JSON.stringify(ADMIN) });
  const { accessToken } = (await login.json()) as { accessToken: string };
  const headers = { ...json, authorization: `Bearer ${accessToken}` };
  const post = async (path: string, body: object): Promise<{ id: string }> => {
    const reply = await fetch(`${server.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    if (!reply.ok) throw new Error(`${path} answered ${reply.status}: ${await reply.text()}`);
    return (await reply.json()) as { id: string };
  };
  const regions: string[] = [];
  for (const code of ["OM", "US", "DE", "SG"]) regions.push((await post("/api/v1/regions", { countryCode: code, name: "many" })).id);
  const lines: string[] = [];
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < NODES; n = next++) {
      const region = regions[n % regions.length]!;
      const kind = n % 5 === 0 ? "proxy" : "backend";
      // Brought along, so that the replies of ten thousand need not be kept.
      const secret = `iqn_of_the_test_with_many_nodes_${n}`.padEnd(44, "x");
      const endpoint = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}:5002`;
      await post("/api/v1/nodes", { regionId: region, kind, endpoint, secret });
      lines[n] = `${secret} ${kind} ${region}`;
    }
  };
  const first = async () => {
    // One after the other, so that the list sorted by id begins with them.
    for (let n = next; n < FAST; n = next) {
      next = n + 1;
      const secret = `iqn_of_the_test_with_many_nodes_${n}`.padEnd(44, "x");
      const region = regions[n % regions.length]!;
      await post("/api/v1/nodes", { regionId: region, kind: "backend", endpoint: `10.0.${n >> 8}.${n & 255}:5002`, secret });
      lines[n] = `${secret} backend ${region}`;
    }
  };
  await first();
  await Promise.all(Array.from({ length: 12 }, worker));
  const [fast, slow] = [server.path("fast.txt"), server.path("slow.txt")];
  await writeFile(fast, lines.slice(0, FAST).join("\n"), { mode: 0o600 });
  await writeFile(slow, lines.slice(FAST).join("\n"), { mode: 0o600 });
  return { fast, slow };
}

declare global {
  interface Window {
    iqraRows?: { most: number; moved: number; texts: number; beats: Record<string, number>; from: number };
  }
}

/** Begins to watch the body of the table: how many rows it holds at most, which come and go, and how often cells change. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const body = document.querySelector("tbody")!;
    const seen = { most: 0, moved: 0, texts: 0, beats: {} as Record<string, number>, from: performance.now() };
    window.iqraRows = seen;
    const rows = (list: NodeList) => [...list].filter((n) => n instanceof Element && n.matches("tr[data-node]")).length;
    new MutationObserver((changes) => {
      for (const change of changes) {
        if (change.target === body) seen.moved += rows(change.addedNodes) + rows(change.removedNodes);
        if (change.type === "characterData" || change.target !== body) seen.texts += 1;
        const node = change.attributeName === "datetime" && (change.target as Element).closest("tr")?.getAttribute("data-node");
        if (node) seen.beats[node] = (seen.beats[node] ?? 0) + 1;
      }
      seen.most = Math.max(seen.most, body.querySelectorAll("tr[data-node]").length);
    }).observe(body, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ["datetime"] });
  });
}

const watched = async (page: Page) => await page.evaluate(() => ({ ...window.iqraRows!, now: performance.now() }));

test("ten thousand rows that live", async ({ page, server, fleet }) => {
  test.setTimeout(300_000);
  for (const one of fleet) one.check();
  await signedIn(page, server);
  await page.goto("/nodes?sort=id");
  // The first seconds of so large a fleet are the server's: everything is new to it.
  await expect(pill(page)).toHaveText("Live", { timeout: 60_000 });
  const rows = page.locator("tbody tr[data-node]");
  const table = page.getByRole("table");
  await expect(table).toHaveAttribute("aria-rowcount", String(NODES + 1), { timeout: 30_000 });
  await watch(page);

  await test.step("the rows in sight have their figures", async () => {
    await expect(rows.first()).toContainText("10.0.0.0:5002");
    await expect(page.locator("tbody tr[data-wait]")).toHaveCount(0);
    await expect(rows.nth(5)).toContainText("Online");
    expect(await rows.count()).toBeLessThanOrEqual(60);
  });

  const box = page.getByRole("region", { name: "Nodes" });
  const bar = page.getByRole("group", { name: "Selected nodes" });
  await test.step("two rows are ticked, one has the focus, a menu is open: all of it stays over many updates", async () => {
    await rows.nth(2).getByRole("checkbox").check();
    await rows.nth(4).getByRole("checkbox").check();
    await rows.nth(6).getByRole("button", { name: /^Actions of/ }).click();
    const menu = page.getByRole("menu", { name: /^Actions of/ });
    await page.keyboard.press("ArrowDown");
    const focused = menu.getByRole("menuitem").nth(1);
    await expect(focused).toBeFocused();
    const order = async () => await rows.evaluateAll((all) => all.map((one) => one.getAttribute("data-node")));
    const before = await order();
    await watch(page);
    const seen = await eventually("two thousand cells have changed", 90_000, async () => {
      const now = await watched(page);
      return now.texts >= 2_000 && now.now - now.from >= 10_000 ? now : undefined;
    });
    const seconds = (seen.now - seen.from) / 1000;
    const beats = Object.values(seen.beats);
    const rate = beats.reduce((sum, n) => sum + n, 0) / beats.length / seconds;
    test.info().annotations.push({ type: "rate", description: `${rate.toFixed(2)} updates a second and row, over ${seconds.toFixed(0)} s` });
    console.log(`rows in sight changed ${rate.toFixed(2)} times a second over ${seconds.toFixed(0)} s`);
    // Never more than once a second, whatever arrives.
    expect(Math.max(...beats)).toBeLessThanOrEqual(seconds + 2);
    expect(seen.moved, "rows that came, went or moved").toBe(0);
    expect(await order()).toEqual(before);
    await expect(focused).toBeFocused();
    await expect(menu).toBeVisible();
    await expect(bar).toContainText("2 selected");
    await page.keyboard.press("Escape");
    await expect(rows.nth(6).getByRole("button", { name: /^Actions of/ })).toBeFocused();
  });

  await test.step("the row with the focus stays in the page, however far one scrolls", async () => {
    const link = rows.nth(6).locator(".row-link");
    const name = await link.innerText();
    await link.focus();
    for (const share of [0.1, 0.35, 0.6, 0.95, 0.5]) {
      await box.evaluate((b, share) => b.scrollTo(0, b.scrollHeight * share), share);
      await expect(rows.nth(20)).toBeInViewport();
      await expect(page.locator("tbody tr[data-wait]")).toHaveCount(0);
      // Rows are given to other nodes as they leave: each shows the one it is of now, in the order of its place.
      const wrong = () =>
        rows.evaluateAll((all) =>
          all.filter((one, n) => {
            const link = one.querySelector(".row-link")?.getAttribute("href") ?? "";
            const place = (of?: Element) => Number(of?.getAttribute("aria-rowindex"));
            return !link.endsWith(`/${one.getAttribute("data-node")}`) || (n > 0 && place(one) <= place(all[n - 1]));
          }).length,
        );
      await expect.poll(wrong, { message: "rows that show another node than theirs" }).toBe(0);
    }
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe(name);
    const middle = Number(await rows.nth(20).getAttribute("aria-rowindex"));
    expect(middle).toBeGreaterThan(4_000);
    await page.keyboard.press("ArrowDown");
    await expect(page.locator("tbody .row-link:focus")).toHaveText("10.0.0.7:5002");
    await expect(page.locator("tbody .row-link:focus")).toBeInViewport();
    await expect(bar).toContainText("2 selected");
    await page.keyboard.press("End");
    const last = page.locator(`tbody tr[aria-rowindex="${NODES + 1}"]`);
    await expect(last.locator(".row-link")).toBeFocused();
    await expect(last).toBeInViewport();
  });

  await test.step("typing filters at the server; the ticks are kept", async () => {
    const filter = page.getByRole("searchbox", { name: /^Filter by/ });
    await filter.pressSequentially("10.0.9.", { delay: 30 });
    await expect(page.getByText("256 of 10,000 nodes")).toBeVisible({ timeout: 30_000 });
    await expect(table).toHaveAttribute("aria-rowcount", "257");
    await expect(page.locator("tbody tr[data-wait]")).toHaveCount(0);
    for (const text of await rows.locator(".row-link").allInnerTexts()) expect(text).toMatch(/^10\.0\.9\.|^10\.0\.0\./);
    await expect(bar).toContainText("2 selected");
    await page.getByRole("checkbox", { name: "Select all rows shown" }).check();
    await bar.getByRole("button", { name: "Select all 256 matching" }).click();
    await expect(bar).toContainText("258 selected");
    await expectAccessible(page);
    await page.getByRole("button", { name: "Clear", exact: true }).click();
    await page.getByRole("button", { name: "Clear filters" }).first().click();
    await expect(table).toHaveAttribute("aria-rowcount", String(NODES + 1), { timeout: 30_000 });
  });
  expect((await watched(page)).most, "rows in the page").toBeLessThanOrEqual(60);
});
