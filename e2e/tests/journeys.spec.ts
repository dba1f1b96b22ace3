// Whole journeys by the keyboard alone: a node is added and comes online, drained, disabled and deleted.
import type { Locator, Page } from "@playwright/test";
import { settled } from "../support/looks.ts";
import { eventually, freePort } from "../support/processes.ts";
import { expect, heading, signedIn, test } from "../support/test.ts";

test.use({ world: "journeys", permissions: ["clipboard-read", "clipboard-write"] });

/** Moves on with Tab until this has the focus. */
async function reach(page: Page, target: Locator): Promise<void> {
  const there = () => target.evaluateAll((found) => found.some((element) => element === document.activeElement));
  for (let stop = 0; stop < 120; stop += 1) {
    if (await there()) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the keyboard does not reach ${target.toString()}`);
}

/** Reaches a button or a link and presses it. */
async function press(page: Page, target: Locator): Promise<void> {
  await reach(page, target);
  await page.keyboard.press("Enter");
}

/** The focus is on something that a person can see, never lost on the page itself. */
async function expectFocus(page: Page): Promise<void> {
  await expect.poll(() => page.evaluate(() => document.activeElement !== document.body), "the focus is somewhere").toBe(true);
}

test("a node is added, drained, disabled and deleted without a mouse", async ({ page, server, api }) => {
  test.setTimeout(120_000);
  const region = await api.createRegion("OM", `tour-${await freePort()}`);
  // Another one takes its calls: this node is never the last of its kind.
  const other = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`, { maxConcurrentCalls: 50 });
  await server.startNode(other.snippet);
  await eventually("the other one is live", 20_000, async () =>
    (await api.node(other.node.id)).liveness === "live" ? true : undefined,
  );
  await signedIn(page, server);
  await page.goto(`/regions/${region}/nodes`);
  await settled(page);

  const name = `127.0.0.1:${await freePort()}`;
  let settings = "";
  await test.step("add", async () => {
    await press(page, page.getByRole("link", { name: "Add backend" }).first());
    await expect(heading(page, "Add backend")).toBeFocused();
    await reach(page, page.getByRole("textbox", { name: "Endpoint" }));
    await page.keyboard.type(name);
    await reach(page, page.getByRole("textbox", { name: /^Max/ }));
    await page.keyboard.type("25");
    await page.keyboard.press("Enter");
    await expect(heading(page, "Connect the server")).toBeFocused();
    await press(page, page.getByRole("button", { name: "Copy snippet" }));
    await expect.poll(async () => (settings = await page.evaluate(() => navigator.clipboard.readText()))).toContain(region);
    expect(JSON.parse(settings)).toMatchObject({ Server: { RegionId: region } });
    await reach(page, page.getByRole("checkbox", { name: /stored/ }));
    await page.keyboard.press("Space");
  });
  const node = await server.startNode(settings, ["--calls", "2", "--call-seconds", "2..4"]);
  const id = new URL(page.url()).pathname.split("/")[2] ?? "";
  await expect(page.getByRole("heading", { name: "The server is online" })).toBeVisible({ timeout: 20_000 });
  await press(page, page.getByRole("link", { name: "Open node" }));
  await expect(heading(page, name)).toBeFocused();

  const dialog = page.getByRole("dialog");
  await test.step("drain", async () => {
    const button = page.getByRole("button", { name: "Maintenance…", exact: true });
    await press(page, button);
    await expect(dialog.getByRole("textbox", { name: "Reason" })).toBeFocused();
    await page.keyboard.type("Update by keyboard");
    await expect(dialog.getByText(/^It reaches/)).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(dialog).toBeHidden();
    await expectFocus(page);
    await expect(page.getByText(/^Safe to stop/).first()).toBeVisible({ timeout: 30_000 });
  });

  await test.step("disable: the name has to be typed", async () => {
    await press(page, page.getByRole("button", { name: "Disable…", exact: true }));
    await expect(dialog).toBeVisible();
    await reach(page, dialog.getByRole("textbox", { name: "Reason" }));
    await page.keyboard.type("Retired");
    await expect(dialog.getByText(/^It reaches/)).toBeVisible();
    await page.keyboard.press("Enter");
    await expect(dialog.getByRole("alert")).toContainText("Type the name first");
    await reach(page, dialog.getByRole("textbox", { name: /^Type .+ to confirm/ }));
    await page.keyboard.type(name);
    await page.keyboard.press("Enter");
    await expect(dialog).toBeHidden();
    await expectFocus(page);
    await node.whenEnded();
  });

  await test.step("delete", async () => {
    // It is the last one of the menu at the end of the actions.
    await press(page, page.getByRole("button", { name: "More actions" }));
    await expect(page.locator("[role=menu]:popover-open").getByRole("menuitem").first()).toBeFocused();
    await page.keyboard.press("End");
    await expect(page.getByRole("menuitem", { name: "Delete…" })).toBeFocused();
    // On as soon as the node is silent.
    await expect(page.getByRole("menuitem", { name: "Delete…" })).toBeEnabled({ timeout: 20_000 });
    await page.keyboard.press("Enter");
    await expect(dialog.locator("[data-met=true]").first()).toBeVisible();
    await expect(dialog.locator("[data-met=false]")).toHaveCount(0, { timeout: 20_000 });
    await reach(page, dialog.getByRole("textbox", { name: /^Type .+ to confirm/ }));
    await page.keyboard.type(`${name}x`);
    await page.keyboard.press("Enter");
    await expect(dialog.getByRole("alert")).toContainText("Type the name first");
    await page.keyboard.press("Backspace");
    await expect(dialog.getByRole("textbox", { name: /^Type .+ to confirm/ })).toBeFocused();
    await page.keyboard.type("");
    await page.keyboard.press("Enter");
    await expect(heading(page, "Nodes")).toBeFocused();
    await expect(api.node(id)).rejects.toThrow(/404/);
  });
});
