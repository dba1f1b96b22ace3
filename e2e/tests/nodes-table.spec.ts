// The list of nodes: columns, density, order, filters, selection and menus, and that all of it is in the address.
import type { Locator, Page } from "@playwright/test";
import { eventually, freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "nodes-table" });

/** Two regions: three backends, one of them with calls, and a proxy with a name and a label. */
const fleet = { one: "", two: "", live: "", names: [] as string[], ids: [] as string[] };

test.beforeAll(async ({ api, server }) => {
  fleet.one = await api.createRegion("OM", `table-${await freePort()}`);
  fleet.two = await api.createRegion("DE", `table-${await freePort()}`);
  for (let n = 0; n < 3; n++) {
    const endpoint = `127.0.0.1:${await freePort()}`;
    const made = await api.createNode(fleet.one, "backend", endpoint);
    fleet.names.push(endpoint);
    fleet.ids.push(made.node.id);
    if (n === 0) {
      fleet.live = made.node.id;
      await server.startNode(made.snippet, ["--calls", "demo"]);
    }
  }
  const more = { displayName: "Edge seven", labels: { rack: "7" } };
  const proxy = await api.createNode(fleet.two, "proxy", `127.0.0.1:${await freePort()}`, more);
  fleet.ids.push(proxy.node.id);
  await eventually("the node is online", 15_000, async () =>
    (await api.node(fleet.live)).status.word === "online" ? true : undefined,
  );
});

const rows = (page: Page): Locator => page.locator("tbody tr[data-node]");
const row = (page: Page, n: number): Locator => page.locator(`tbody tr[data-node="${fleet.ids[n]}"]`);
const columns = async (page: Page): Promise<string[]> =>
  (await page.locator("thead th").allInnerTexts()).map((text) => text.trim()).filter((text) => text !== "");

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await expect(pill(page)).toHaveText("Live");
  await expect(rows(page).first()).toBeVisible();
}

test("a view is its address: filters, order, columns and density; Back takes a step back", async ({ page, server, browser }) => {
  await signedIn(page, server);
  await open(page, "/nodes");
  await expect(rows(page)).toHaveCount(4);
  const table = page.getByRole("table");
  await expect(table).toHaveAttribute("aria-rowcount", "5");
  await expect(rows(page).nth(3)).toHaveAttribute("aria-rowindex", "5");

  await test.step("several values of one filter, each with a chip of its own", async () => {
    await page.getByRole("button", { name: /^Status: any/ }).click();
    const menu = page.getByRole("group", { name: "Status", exact: true });
    await menu.getByRole("checkbox", { name: /^Never seen/ }).check();
    await expect(page).toHaveURL(/status=never_seen/);
    await expect(rows(page)).toHaveCount(3);
    await menu.getByRole("checkbox", { name: /^Online/ }).check();
    await expect(rows(page)).toHaveCount(4);
    await page.keyboard.press("Escape");
    const chips = page.getByRole("group", { name: "Filters" });
    await expect(chips.getByRole("button")).toHaveText([/^Status: Never seen/, /^Status: Online/, /^Clear filters/]);
    await expect(page.getByText("4 of 4 nodes")).toBeVisible();
    await chips.getByRole("button", { name: "Remove filter Status: Online" }).click();
    await expect(rows(page)).toHaveCount(3);
    await expectAccessible(page);
  });

  await test.step("Back and Forward", async () => {
    await page.goBack();
    await expect(rows(page)).toHaveCount(4);
    await page.goBack();
    await expect(rows(page)).toHaveCount(3);
    await page.goBack();
    await expect(page).toHaveURL(/\/nodes$/);
    await expect(rows(page)).toHaveCount(4);
    await page.goForward();
    await expect(rows(page)).toHaveCount(3);
  });

  await test.step("order", async () => {
    await page.getByRole("button", { name: "Name / Endpoint" }).click();
    await expect(page).toHaveURL(/sort=name/);
    const head = page.getByRole("columnheader", { name: "Name / Endpoint" });
    await expect(head).toHaveAttribute("aria-sort", "ascending");
    await expect(page.getByText("Sorted by Name / Endpoint, ascending.")).toBeAttached();
    await page.getByRole("button", { name: "Name / Endpoint" }).click();
    await expect(head).toHaveAttribute("aria-sort", "descending");
    await expect(rows(page).first()).toContainText("Edge seven");
  });

  await test.step("columns and density", async () => {
    await page.getByRole("button", { name: "Columns" }).click();
    const menu = page.getByRole("group", { name: "Columns" });
    await menu.getByRole("checkbox", { name: "RAM" }).uncheck();
    await menu.getByRole("checkbox", { name: "Labels" }).check();
    await expect(menu.getByRole("checkbox", { name: "Name / Endpoint" })).toBeDisabled();
    await page.keyboard.press("Escape");
    await expect.poll(() => columns(page)).toContain("Labels");
    expect(await columns(page)).not.toContain("RAM");
    await expect(rows(page).first()).toContainText("rack=7");
    const height = async () => (await rows(page).first().boundingBox())?.height;
    await expect.poll(height).toBe(44);
    await page.getByRole("button", { name: "Compact rows" }).click();
    await expect.poll(height).toBe(32);
    await expect(page).toHaveURL(/density=compact/);
  });

  await test.step("the same view for somebody else", async () => {
    const address = page.url();
    const other = await browser.newContext({ baseURL: server.url, locale: "en-US" });
    const page2 = await other.newPage();
    await signedIn(page2, server);
    await open(page2, address);
    await expect(rows(page2)).toHaveCount(3);
    await expect(rows(page2).first()).toContainText("Edge seven");
    const shown = await columns(page);
    await expect.poll(() => columns(page2)).toEqual(shown);
    await expect.poll(async () => (await rows(page2).first().boundingBox())?.height).toBe(32);
    await other.close();
  });

  await test.step("the browser remembers columns and density", async () => {
    await open(page, "/nodes");
    await expect(page).toHaveURL(/cols=/);
    await expect.poll(() => columns(page)).toContain("Labels");
    await page.getByRole("button", { name: "Compact rows" }).click();
  });
});

test("what the address says and nobody understands is named; what matches nothing can be cleared", async ({ page, server }) => {
  await signedIn(page, server);
  await open(page, "/nodes?status=foo&sort=mood");
  await expect(page.getByText("Not known in this address, and ignored: status=foo, sort=mood")).toBeVisible();
  await expect(rows(page)).toHaveCount(4);
  await page.getByRole("searchbox", { name: "Filter by name, endpoint, ID or version" }).fill("no such node");
  await expect(page.getByRole("heading", { name: "No nodes match these filters" })).toBeVisible();
  await expect(page).toHaveURL(/q=no/);
  await expectAccessible(page);
  await page.getByRole("button", { name: "Remove filter Text: no such node" }).click();
  await expect(rows(page)).toHaveCount(4);
});

test("keys lead through the rows, tick them, and open their menu", async ({ page, server }) => {
  await signedIn(page, server);
  await open(page, "/nodes?sort=id");
  const link = (n: number) => row(page, n).locator(".row-link");
  const tick = (n: number) => row(page, n).getByRole("checkbox");

  await test.step("one row is a stop of the tab key", async () => {
    await expect(page.locator("tbody .row-link[tabindex='0']")).toHaveCount(1);
    await page.locator("h1").focus();
    await page.keyboard.press("j");
    await expect(link(0)).toBeFocused();
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    await expect(link(2)).toBeFocused();
    await page.keyboard.press("k");
    await page.keyboard.press("ArrowUp");
    await expect(link(0)).toBeFocused();
    await page.keyboard.press("End");
    await expect(link(3)).toBeFocused();
    await page.keyboard.press("Home");
    await expect(link(0)).toBeFocused();
  });

  await test.step("x and Shift X", async () => {
    await page.keyboard.press("x");
    await expect(tick(0)).toBeChecked();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Shift+X");
    for (const n of [0, 1, 2]) await expect(tick(n)).toBeChecked();
    const bar = page.getByRole("group", { name: "Selected nodes" });
    await expect(bar).toContainText("3 selected");
    await bar.getByRole("button", { name: "Select all 4 matching" }).click();
    await expect(bar).toContainText("4 selected");
    await link(2).focus();
    await page.keyboard.press("Escape");
    await expect(bar).toBeHidden();
  });

  await test.step("Shift and the pointer", async () => {
    await tick(0).click();
    await tick(3).click({ modifiers: ["Shift"] });
    for (const n of [0, 1, 2, 3]) await expect(tick(n)).toBeChecked();
    await page.getByRole("button", { name: "Clear", exact: true }).click();
  });

  await test.step("the menu of a row", async () => {
    await link(1).focus();
    await page.keyboard.press(".");
    const menu = page.getByRole("menu", { name: `Actions of ${fleet.names[1]}` });
    await expect(menu).toBeVisible();
    await expect(menu.getByRole("menuitem", { name: "Open" })).toBeFocused();
    const button = row(page, 1).getByRole("button", { name: /^Actions of/ });
    await expect(button).toHaveAttribute("aria-expanded", "true");
    await page.keyboard.press("End");
    const last = menu.getByRole("menuitem", { name: /^Delete/ });
    await expect(last).toBeFocused();
    await expect(last).toHaveAttribute("aria-disabled", "true");
    await expect(last).toContainText("disabled and silent");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
    await expect(menu).toBeHidden();
    await expect(button).toBeFocused();
    await page.keyboard.press("Enter");
    await menu.getByRole("menuitem", { name: "Maintenance…" }).click();
    await expect(page.getByRole("dialog")).toContainText(fleet.names[1]!);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
    await expect(button).toBeFocused();
  });

  await test.step("Enter opens, Back comes back to the row", async () => {
    await link(1).focus();
    await page.keyboard.press("Enter");
    // There, and noted as a step of the history: that is when the heading gets the focus.
    await expect(heading(page, fleet.names[1]!)).toBeFocused();
    await page.goBack();
    await expect(link(1)).toBeFocused();
  });
});

test("nothing moves under the hand; the chip brings the new order", async ({ page, server, api }) => {
  await signedIn(page, server);
  await open(page, "/nodes?sort=name");
  await expect(rows(page)).toHaveCount(4);
  const order = async () => await rows(page).evaluateAll((all) => all.map((one) => one.getAttribute("data-node")));
  const before = await order();
  await row(page, 0).getByRole("checkbox").check();
  await page.mouse.move(0, 0);
  await api.createNode(fleet.two, "backend", `127.0.0.1:${await freePort()}`, { displayName: "AA first" });
  const chip = page.getByRole("button", { name: "1 new node" });
  await expect(chip).toBeVisible();
  expect(await order()).toEqual(before);

  await test.step("a row that does not match any more stays, and says so", async () => {
    await page.getByRole("button", { name: /^Status: any/ }).click();
    await page.getByRole("group", { name: "Status", exact: true }).getByRole("checkbox", { name: /^Never seen/ }).check();
    await expect(page).toHaveURL(/status=never_seen/);
    await page.keyboard.press("Escape");
    // What was asked for is shown at once.
    await expect(rows(page)).toHaveCount(4);
    await expect(page.getByRole("group", { name: "Selected nodes" })).toContainText("1 selected");
    const second = await api.text(`/api/v1/nodes/${fleet.ids[1]}`);
    const { version } = JSON.parse(second) as { version: number };
    const off = { state: "disabled", privateReason: "Out of the rack" };
    await api.send("PUT", `/api/v1/nodes/${fleet.ids[1]}/intent`, off, `"${version}"`);
    await expect(row(page, 1)).toContainText("Disabled");
    await expect(row(page, 1)).toHaveAttribute("data-dim", "");
    await expect(row(page, 1)).toContainText("no longer matches");
    const again = page.getByRole("button", { name: /^Order is .* old · Re-sort \(1\)$/ });
    await expect(again).toBeVisible();
    await expectAccessible(page);
    await again.click();
    await expect(row(page, 1)).toBeHidden();
    await expect(again).toBeHidden();
  });
});

test("the list as a file, as paper, and as a link", async ({ page, server, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"], { origin: server.url });
  await signedIn(page, server);
  await open(page, "/nodes?sort=-name&kind=proxy&cols=status,name,labels");
  const more = page.getByRole("button", { name: "More actions for this list" });
  await more.click();
  const wait = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "Export CSV" }).click();
  const stream = await (await wait).createReadStream();
  let text = "";
  for await (const part of stream) text += String(part);
  const lines = text.replace("\ufeff", "").trim().split("\r\n");
  expect(lines[0]).toBe("Status,Name,Endpoint,Labels");
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/^Never seen,Edge seven,127\.0\.0\.1:\d+,rack=7$/);
  await more.click();
  await page.getByRole("menuitem", { name: "Copy link to this view" }).click();
  await expect(page.getByLabel("Messages").getByText("Copied")).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url());
  // A heading that repeats, no menus, the status as a word.
  await page.emulateMedia({ media: "print" });
  await expect(rows(page).first()).toContainText("Never seen");
  await expect(page.locator("thead")).toHaveCSS("display", "table-header-group");
  await expect(row(page, 3).locator("td.act")).toBeHidden();
  expect((await page.pdf()).length).toBeGreaterThan(1_000);
});

test("the nodes of a region that has one kind alone", async ({ page, server }) => {
  await signedIn(page, server);
  await open(page, `/regions/${fleet.one}/nodes`);
  const tab = page.getByRole("main").getByRole("link", { name: "Nodes", exact: true });
  await expect(tab).toHaveAttribute("aria-current", "page");
  await expect(page.getByRole("heading", { name: "No proxy in this region" })).toBeVisible();
  await expect(page.getByRole("table")).toHaveCount(1);
  await expect(rows(page)).toHaveCount(3);
  expect(await columns(page)).not.toContain("Region");
});

test("the nodes of a region: two tables, one set of filters, one selection", async ({ page, server, api }) => {
  await api.createNode(fleet.two, "backend", `127.0.0.1:${await freePort()}`);
  await signedIn(page, server);
  await open(page, `/regions/${fleet.two}/nodes`);
  const table = page.getByRole("table");
  await expect(table).toHaveCount(2);
  await page.locator("h1").focus();
  await page.keyboard.press("j");
  await expect(page.locator("tbody .row-link").first()).toBeFocused();
  await page.keyboard.press("x");
  await table.last().locator("tbody").getByRole("checkbox").first().check();
  await expect(page.getByRole("group", { name: "Selected nodes" })).toContainText("2 selected");
  await expectAccessible(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectAccessible(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
});
