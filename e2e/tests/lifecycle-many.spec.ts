// Many nodes at once, all nodes of a region, and the whole platform.
import type { Page } from "@playwright/test";
import { eventually, freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "lifecycle-many" });

/** Fills the typed confirmation with what its label asks for, and the tick where there is one. */
async function fill(page: Page, reason: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Reason" }).fill(reason);
  await expect(dialog.getByText(/^It reaches/)).toBeVisible();
  const tick = dialog.getByRole("checkbox", { name: "I understand, and want it anyway" });
  if (await tick.isVisible()) await tick.check();
  const typed = dialog.getByRole("textbox", { name: /^Type .+ to confirm/ });
  if (await typed.isVisible()) {
    const label = await dialog.getByText(/^Type .+ to confirm/).innerText();
    await typed.fill(/^Type (.+) to confirm/.exec(label)?.[1] ?? "");
  }
}

test("ticked rows survive live figures; a result per row", async ({ page, server, api }) => {
  const region = await api.createRegion("DE", `many-${await freePort()}`);
  const names: string[] = [];
  const made = [];
  for (let n = 0; n < 3; n++) {
    names.push(`127.0.0.1:${await freePort()}`);
    made.push(await api.createNode(region, "backend", names[n]));
  }
  const live = await server.startNode(made[0]!.snippet);
  await signedIn(page, server);
  await page.goto(`/nodes?region=${region}`);
  await expect(pill(page)).toHaveText("Live");
  const row = (n: number) => page.getByRole("row").filter({ hasText: names[n]! });
  await expect(row(0)).toContainText("Online");
  await page.getByRole("checkbox", { name: "Select all rows shown" }).check();
  const bar = page.getByRole("group", { name: "Selected nodes" });
  await expect(bar).toContainText("3 selected");

  await test.step("heartbeats come in and nothing is unticked", async () => {
    const before = await row(0).locator("time").getAttribute("datetime");
    await expect(row(0).locator("time")).not.toHaveAttribute("datetime", before ?? "");
    for (const n of [0, 1, 2]) await expect(row(n).getByRole("checkbox")).toBeChecked();
    await row(2).getByRole("checkbox").uncheck();
    await expect(bar).toContainText("2 selected");
    await expectAccessible(page);
  });

  const dialog = page.getByRole("dialog");
  await test.step("what would be left out is said before", async () => {
    await bar.getByRole("button", { name: "Shut down…" }).click();
    await expect(dialog.getByRole("row").filter({ hasText: names[0]! })).toContainText("Included");
    await expect(dialog.getByRole("row").filter({ hasText: names[1]! })).toContainText("Left out");
    await expect(dialog.getByRole("row").filter({ hasText: names[1]! })).toContainText("not live");
    await expectAccessible(page);
    await page.keyboard.press("Escape");
  });

  await test.step("maintenance for both", async () => {
    await bar.getByRole("button", { name: "Maintenance…" }).click();
    await fill(page, "Rolling update");
    await dialog.getByRole("button", { name: "Turn on maintenance for 2 nodes" }).click();
    await expect(dialog).toContainText("Done for 2 of 2 nodes.");
    await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
    await expect(row(0)).toContainText("Maintenance");
    await expect(bar).toBeHidden();
    await expect(row(2)).not.toContainText("Maintenance");
  });
  await live.stop();
});

test("all nodes of a region are shut down, with a result for each", async ({ page, server, api }) => {
  test.setTimeout(60_000);
  const region = await api.createRegion("FI", `all-${await freePort()}`);
  const made = [];
  for (let n = 0; n < 2; n++) made.push(await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`));
  const nodes = await Promise.all(made.map((one) => server.startNode(one.snippet)));
  await signedIn(page, server);
  await page.goto(`/regions/${region}/nodes`);
  await expect(pill(page)).toHaveText("Live");
  await expect(page.getByRole("row").filter({ hasText: "Online" })).toHaveCount(2);
  const dialog = page.getByRole("dialog");
  await page.getByRole("button", { name: "Shut down all nodes…" }).click();
  await fill(page, "Power is switched off");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: `Shut down all nodes of ${region}` }).click();
  await expect(dialog).toContainText("The signal went to 2 of 2 nodes.");
  await expect(dialog.getByText("Waits for the next heartbeat")).toHaveCount(2);
  await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
  await eventually("both processes have ended", 20_000, async () => (nodes.some((n) => n.running) ? undefined : true));
  expect(nodes.map((n) => n.code)).toEqual([75, 75]);

  await test.step("a region with nodes cannot be deleted, says why, and where that is put right", async () => {
    await page.getByRole("button", { name: "Delete…" }).click();
    const nodes = dialog.locator("[data-met=false]").filter({ hasText: "No nodes" });
    await expect(nodes.getByRole("link", { name: "Open its nodes" })).toHaveAttribute("href", `/regions/${region}/nodes`);
    const submit = dialog.locator("button[type=submit]");
    await expect(submit).toHaveAttribute("aria-disabled", "true");
    await expect(submit).toHaveAccessibleDescription("Not everything on the list holds yet.");
    await dialog.locator("[data-met=false]").filter({ hasText: "Disabled" }).getByRole("button", { name: "Disable it…" }).click();
    const instead = page.getByRole("dialog", { name: `Disable region ${region}` });
    await expect(instead).toBeVisible();
    await expect(instead.locator(":focus")).toBeAttached();
    await page.keyboard.press("Escape");
    await expect(instead).toBeHidden();
    await page.getByRole("button", { name: "Delete…" }).click();
    await nodes.getByRole("link", { name: "Open its nodes" }).click();
    await expect(page).toHaveURL(new RegExp(`/regions/${region}/nodes$`));
    await expect(page.getByRole("dialog")).toBeHidden();
  });
});

test("platform maintenance is seen on every page and inherited by every node", async ({ page, server, api }) => {
  const region = await api.createRegion("SE", `above-${await freePort()}`);
  const made = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`);
  const node = await server.startNode(made.snippet);
  await signedIn(page, server);
  await page.goto(`/nodes/${made.node.id}`);
  await expect(page.locator("main .hd [data-status]").first()).toHaveText(/^Online/);
  await page.goto("/settings/maintenance");
  await expect(heading(page, "Platform maintenance")).toBeVisible();
  const state = page.locator("#platform-state");
  await expect(state).toHaveText("Maintenance is off");
  await page.getByRole("button", { name: "Turn on…" }).click();
  await fill(page, "Moving the database");
  await page.getByRole("dialog").getByRole("button", { name: "Turn on maintenance for the platform" }).click();
  await expect(page.getByRole("dialog")).toBeHidden();
  await expect(state).toHaveText("Maintenance is on");
  await expectAccessible(page);
  const banner = page.getByText("The whole platform is in maintenance: no region takes new calls.");
  await expect(banner).toBeVisible();
  await page.goto(`/nodes/${made.node.id}`);
  await expect(banner).toBeVisible();
  await expect(page.locator("main .hd [data-status]").first()).toHaveText(/^Maintenance/);
  await expect(page.getByText("It ends where it was turned on.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Cancel maintenance" })).toHaveCount(0);
  await page.getByRole("link", { name: "Open platform maintenance" }).click();
  await page.getByRole("button", { name: "Turn off" }).click();
  await expect(state).toHaveText("Maintenance is off");
  await expect(banner).toBeHidden();
  await node.stop();
});
