// The page of a node: its last hour in words, outages, who asked for what, and its actions on every tab.
import type { Page } from "@playwright/test";
import { freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "node-page" });

function status(page: Page) {
  return page.locator("main .hd [data-status]").first();
}

test("the last hour, an outage, actions on every tab", async ({ page, server, api }) => {
  test.setTimeout(120_000);
  const region = await api.createRegion("OM", "page");
  const name = `127.0.0.1:${await freePort()}`;
  const made = await api.createNode(region, "backend", name);
  const path = `/nodes/${made.node.id}`;
  let node = await server.startNode(made.snippet, ["--calls", "none"]);
  await signedIn(page, server);
  await page.goto(path);
  await expect(pill(page)).toHaveText("Live");
  await expect(status(page)).toHaveText("Online", { timeout: 20_000 });

  const hour = page.getByRole("region", { name: "Liveness, last 60 min" });
  await test.step("the strip in words and as a table", async () => {
    await expect(hour.getByRole("img")).toHaveAttribute("aria-label", /^Last 60 minutes, oldest first: Not registered .+, Online \d+ s\.$/, {
      timeout: 20_000,
    });
    await expect(hour.getByRole("list")).toContainText("Online");
    await hour.getByRole("button", { name: "View as table" }).click();
    const table = hour.getByRole("table");
    await expect(table.getByRole("rowheader", { name: "Online", exact: true })).toBeVisible();
    await expectAccessible(page, "a node");
    await hour.getByRole("button", { name: "View as table" }).click();
    await expect(table).toHaveCount(0);
  });

  await test.step("figures with their last minutes in words", async () => {
    await expect(page.getByRole("img", { name: /^CPU, last 15 min: lowest .+, highest .+, now / })).toBeVisible();
    await expect(page.getByRole("region", { name: "Outages" })).toContainText("No outage in the last 24 hours.");
  });

  await test.step("an outage says when, and what came back", async () => {
    await node.kill();
    await expect(page.getByRole("heading", { name: /^Why is it offline\? Since \d/ })).toBeVisible({ timeout: 20_000 });
    await expect(page.getByText("The node did not say goodbye")).toBeVisible();
    await expect(hour.getByRole("img")).toHaveAttribute("aria-label", /Online .+, Stale \d+ s, Offline \d+ s/, { timeout: 20_000 });
    await expect(page.getByText(/^Last known, at /).first()).toBeVisible();
    node = await server.startNode(made.snippet, ["--calls", "none"]);
    const why = page.getByRole("region", { name: /^Why was it offline\? .+ to / });
    await expect(why).toBeVisible({ timeout: 20_000 });
    await expect(why).toContainText("Another process came back");
    await expect(why.getByRole("link", { name: "Run diagnosis" })).toHaveAttribute("href", `${path}/diagnose`);
  });

  await test.step("the actions are on every tab, and in a menu with its keys", async () => {
    for (const tab of ["Metrics", "Activity", "Settings", "Overview"]) {
      await page.getByRole("navigation", { name: "Parts of the node" }).getByRole("link", { name: tab }).click();
      const actions = page.getByRole("group", { name: "Actions" });
      for (const of of ["Maintenance…", "Disable…", "Shut down…", "More actions"]) {
        await expect(actions.getByRole("button", { name: of })).toBeVisible();
      }
      await expect(status(page)).toHaveText("Online");
    }
    const more = page.getByRole("button", { name: "More actions" });
    await more.focus();
    await page.keyboard.press("Enter");
    const menu = page.getByRole("menu", { name: "More actions" });
    await expect(menu.getByRole("menuitem").first()).toBeFocused();
    await page.keyboard.press("End");
    await expect(menu.getByRole("menuitem", { name: "Delete…" })).toBeFocused();
    await expectAccessible(page, "the menu of a node");
    await page.keyboard.press("Escape");
    await expect(more).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(menu.getByRole("menuitem").first()).toBeFocused();
    await page.keyboard.press("ArrowUp");
    const last = menu.getByRole("menuitem", { name: "Delete…" });
    await expect(last).toBeFocused();
    await expect(last).toHaveAttribute("aria-disabled", "true");
    await expect(last).toContainText("disabled and silent");
    await page.keyboard.press("Enter");
    await expect(menu, "an item that is off does nothing").toBeVisible();
    await page.keyboard.press("Escape");
    await expect(more).toBeFocused();
  });

  await test.step("since when, who asked, and why stand below the name", async () => {
    await page.getByRole("group", { name: "Actions" }).getByRole("button", { name: "Maintenance…" }).click();
    const dialog = page.getByRole("dialog", { name: /^Turn on maintenance/ });
    await dialog.getByRole("textbox", { name: "Reason" }).fill("New disks");
    // The last live backend: a tick and the region's name.
    await dialog.getByRole("checkbox", { name: "I understand, and want it anyway" }).check();
    await dialog.getByRole("textbox", { name: `Type ${region} to confirm` }).fill(region);
    await dialog.locator("button[type=submit]").click();
    await expect(dialog).toBeHidden();
    await expect(page.locator(".node-hd .sub")).toContainText(/^Maintenance since .+ · admin@localhost · “New disks”/, { timeout: 20_000 });
    await expect(page.locator(".drain")).toContainText("No other backend in");
    await expect(page.locator(".drain")).toContainText("Safe to stop");
    await expect(hour.getByRole("list")).toContainText("Maintenance");
  });
  await node.kill();
});

test("a mistyped node is found by what it is called", async ({ page, server, api }) => {
  const region = await api.createRegion("OM", "typo");
  const made = await api.createNode(region, "proxy", `127.0.0.1:${await freePort()}`, { displayName: "gateway seven" });
  await signedIn(page, server);
  await page.goto("/nodes/gateway");
  await expect(heading(page, "Node not found")).toBeVisible();
  await expect(page.getByRole("link", { name: "gateway seven" })).toHaveAttribute("href", `/nodes/${made.node.id}`);
});
