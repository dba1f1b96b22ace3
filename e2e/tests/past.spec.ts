// A moment that is over: what the server kept of it is shown, what it did not is a dash, and nothing of now is on the page.
import { settled } from "../support/looks.ts";
import { said, watchPaint } from "../support/painted.ts";
import { eventually, freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";
import type { Page } from "@playwright/test";

test.use({ world: "past" });

const then = { region: "", node: "", name: "then-and-now", at: "" };

interface History {
  series: { points: { at: string; avg: number | null }[] }[];
}

test.beforeAll(async ({ server, api }) => {
  then.region = await api.createRegion("OM", `past-${await freePort()}`);
  const endpoint = `127.0.0.1:${await freePort()}`;
  const made = await api.createNode(then.region, "backend", endpoint, { displayName: then.name });
  then.node = made.node.id;
  const node = await server.startNode(made.snippet, ["--calls", "2"]);
  // A moment within a step in which the node was there from beginning to end, and which is over.
  then.at = await eventually("a figure of the live node is kept", 60_000, async () => {
    const to = new Date(Date.now() + 1_000).toISOString();
    const from = new Date(Date.now() - 300_000).toISOString();
    const path = `/api/v1/regions/${then.region}/history?metric=backendOnline&points=61&from=${from}&to=${to}`;
    const { series } = await api.get<History>(path);
    const point = series[0]?.points.find(({ avg }) => avg === 1);
    const at = point && Date.parse(point.at) + 5_000;
    return at && at + 5_000 < Date.now() ? new Date(at).toISOString() : undefined;
  });
  await node.kill();
  await eventually("now it is offline", 15_000, async () =>
    (await api.node(then.node)).liveness === "offline" ? true : undefined,
  );
});

/** The address of a page at the moment. */
const moment = (path: string, at = then.at) => `${path}?at=${encodeURIComponent(at)}`;

/** The words of the pill are the moment. */
const past = (page: Page) => page.getByRole("button", { name: /^\d+ \w+, \d\d:\d\d$|^\w+ \d+, \d\d:\d\d$/ });

/** A historic page is here: its frame is, and nothing is being fetched. */
async function shown(page: Page): Promise<void> {
  await expect(page.locator(".app[data-fresh=historic]")).toBeVisible();
  await expect(past(page)).toBeVisible();
  await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
}

test("the dashboard shows the figures of a moment, and nothing of now", async ({ page, server, api }) => {
  await signedIn(page, server);
  await page.goto("/dashboard");
  await settled(page);
  const figures = page.getByRole("region", { name: "Key figures" });
  await expect(figures).toContainText(/Backend nodes · active \/ total\s+0 \/ 1/, { useInnerText: true });

  await test.step("the way in: the details of the connection", async () => {
    await pill(page).click();
    const field = page.getByLabel("Date and time");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await expect(page.getByText("Enter a date and a time.")).toBeVisible();
    await expect(field).toBeFocused();
    await field.fill("2099-01-01T00:00");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await expect(page.getByText("This moment has not come yet.")).toBeVisible();
    await field.fill("2001-01-01T00:00");
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await expect(page.getByText(/^Figures are kept since/)).toBeVisible();
    await expectAccessible(page, "the form");
    await field.fill(then.at.slice(0, 16));
    await page.getByRole("button", { name: "Show", exact: true }).click();
    await expect(page).toHaveURL(/\/dashboard\?at=/);
    await shown(page);
  });

  await page.goto(moment("/dashboard"));
  await shown(page);
  await expect(figures).toContainText(/Backend nodes · active \/ total\s+1 \/ 1/, { useInnerText: true });
  await expect(figures).toContainText(/Live conversations\s+\d/, { useInnerText: true });
  await expect(page.locator("[data-past]").getByText("Nothing can be changed here.")).toBeVisible();
  await expect(page.getByText(/^Figures of .+, each the mean of/)).toBeVisible();
  const card = page.getByRole("article").filter({ hasText: then.region });
  await expect(card).toContainText("1 / 1", { useInnerText: true });
  await expect(page.locator("nav .cnt").filter({ hasText: /\d/ }), "counts of now").toHaveCount(0);
  expect(await page.title()).not.toMatch(/^\(/);
  await expect(page.getByRole("button", { name: "Pause updates" })).toBeHidden();
  await expectAccessible(page, "the dashboard of a moment");
  await page.screenshot({ path: test.info().outputPath("dashboard.png"), fullPage: true });

  await test.step("what comes in changes nothing on it", async () => {
    const still = await page.locator("body").innerText();
    const other = await api.createRegion("DE", `past-${await freePort()}`);
    await api.createNode(other, "backend", `127.0.0.1:${await freePort()}`);
    // Something newer than the change has come through the same stream.
    await page.evaluate(() => document.querySelector<HTMLButtonElement>("header .live")?.click());
    const details = page.getByRole("group", { name: "Connection" });
    const told = await details.getByText(/^Server time/).locator("xpath=following-sibling::dd[1]").innerText();
    await expect(details.getByText(/^Server time/).locator("xpath=following-sibling::dd[1]")).not.toHaveText(told);
    await page.keyboard.press("Escape");
    await expect(details).toBeHidden();
    expect(await page.locator("body").innerText()).toBe(still);
  });

  await test.step("a step on, and back to now", async () => {
    await page.getByRole("link", { name: "1 min earlier" }).click();
    await expect(page).not.toHaveURL(moment("/dashboard"));
    await shown(page);
    await page.goBack();
    await expect(figures).toContainText(/Backend nodes · active \/ total\s+1 \/ 1/, { useInnerText: true });
    await watchPaint(page);
    await page.getByRole("link", { name: "Back to now" }).click();
    await expect(page).toHaveURL(/\/dashboard$/);
    await settled(page);
    await expect(figures).toContainText(/Backend nodes · active \/ total\s+0 \/ [12]/, { useInnerText: true });
    await expect.poll(async () => (await said(page)).filter((text) => text.startsWith("Showing"))).toEqual(["Showing now."]);
    await page.goBack();
    await expect.poll(async () => (await said(page)).filter((text) => /^Showing .+\d\d:\d\d\.$/.test(text))).toHaveLength(1);
  });
});

test("a node and a region are as they were, and cannot be changed", async ({ page, server }) => {
  await signedIn(page, server);
  await page.goto(`/nodes/${then.node}`);
  await settled(page);
  await expect(page.locator(".node-hd .st:not(.plain)").first()).toContainText("Offline");
  await page.goto(moment(`/nodes/${then.node}`));
  await shown(page);
  const status = page.getByRole("region", { name: "Status then" });
  await expect(status.locator("[data-past-status] .st")).toHaveText("Online");
  await expect(page.getByRole("main")).not.toContainText("Last heartbeat");
  const figures = page.getByRole("region", { name: "Key figures" });
  await expect(figures).toContainText(/CPU\s+\d/, { useInnerText: true });
  for (const name of ["Maintenance…", "Disable…", "Shut down…"]) {
    await expect(page.getByRole("button", { name })).toHaveCount(0);
  }
  await page.keyboard.press("m");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expectAccessible(page, "the node of a moment");
  await page.screenshot({ path: test.info().outputPath("node.png"), fullPage: true });

  await test.step("its region, by the breadcrumb, and back", async () => {
    await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: then.region }).click();
    await shown(page);
    await expect(heading(page, then.region)).toBeVisible();
    await expect(page.locator(".hd .st").first()).toHaveText("All nodes reported");
    await expectAccessible(page, "the region of a moment");
    await page.screenshot({ path: test.info().outputPath("region.png"), fullPage: true });
    await page.getByRole("region", { name: /^Nodes, each/ }).getByRole("link", { name: then.name }).click();
    await shown(page);
    await expect(heading(page, then.name)).toBeVisible();
  });

  await test.step("the way in from what happened", async () => {
    await page.goto(`/nodes/${then.node}/activity`);
    await settled(page);
    const offline = page.getByRole("region", { name: "Timeline" }).getByRole("listitem").filter({ hasText: "Liveness stale" }).first();
    await offline.getByRole("link", { name: /^Show the moment/ }).click();
    await shown(page);
    await expect(status.locator("[data-past-status] .st")).toHaveText("Offline");
  });
});

test("what is not known of a moment is said", async ({ page, server }) => {
  await signedIn(page, server);
  const main = page.getByRole("main");
  await test.step("before the server ran", async () => {
    const early = new Date(Date.now() - 3_600_000 * 5).toISOString();
    await page.goto(moment("/dashboard", early));
    await shown(page);
    await expect(main).toContainText("No figures of this moment");
    await expect(main).toContainText("The server was not running then");
    const figures = page.getByRole("region", { name: "Key figures" });
    await expect(figures).not.toContainText(/\d/, { useInnerText: true });
    await expect(main).toContainText("No region of today was there then.");
    await page.goto(moment(`/nodes/${then.node}`, early));
    await shown(page);
    await expect(main).toContainText(/^Registered .+, after this moment\.$/m, { useInnerText: true });
    await expect(page.getByRole("region", { name: "Status then" })).toHaveCount(0);
  });
  await test.step("longer ago than anything is kept", async () => {
    await page.goto(moment("/dashboard", "2020-02-03T04:05:06Z"));
    await shown(page);
    await expect(main).toContainText("Figures are kept for 366 days, and this moment is longer ago.");
  });
  await test.step("a page that shows now alone says so", async () => {
    await page.goto(moment("/nodes"));
    await settled(page);
    await expect(pill(page)).toHaveText("Live");
    await expect(main).toContainText(/This page cannot show .+ It shows now\./);
    await expectAccessible(page, "a page without the moment");
    await page.getByRole("link", { name: "Back to now" }).click();
    await expect(page).toHaveURL(/\/nodes$/);
    await expect(main).not.toContainText("cannot show");
  });
  await test.step("an address that is none, and one that is to come", async () => {
    await page.goto("/dashboard?at=yesterday");
    await settled(page);
    await expect(main).toContainText("The address names a moment that cannot be read. This page shows now.");
    await page.goto(moment("/dashboard", "2199-01-01T00:00:00Z"));
    await settled(page);
    await expect(main).toContainText("has not come yet. This page shows now.");
  });
});
