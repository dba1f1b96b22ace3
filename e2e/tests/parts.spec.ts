// The program comes in parts: a page whose part is late, does not come, or came before the server went away.
import { expect, expectAccessible, heading, pill, signedIn, signIn, test } from "../support/test.ts";

/** The part with the pages of regions and nodes. */
const FLEET = "**/assets/parts-*/split_fleet.wasm";

test("a part that does not come is said, and fetched again", async ({ page, server, guard }) => {
  await signedIn(page, server);
  await page.route(FLEET, (route) => route.abort());
  const refused = /ERR_FAILED|Failed to fetch/;
  await guard.expecting(refused, async () => {
    await page.goto("/nodes");
    await expect(page.getByRole("alert").filter({ hasText: "This page could not be fetched" })).toBeVisible();
    await expect(heading(page, "This page could not be fetched")).toHaveCount(1);
    await expectAccessible(page);
  });
  await page.unroute(FLEET);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(heading(page, "Nodes")).toBeVisible();
});

test("the focus follows from the heading of a page that is late to its own", async ({ page, server }) => {
  let go = () => {};
  const late = new Promise<void>((resolve) => (go = resolve));
  await signedIn(page, server);
  await page.route(FLEET, async (route) => {
    await late;
    await route.continue();
  });
  await page.goto("/dashboard");
  await expect(heading(page, "Dashboard")).toBeVisible();
  await page.getByRole("navigation").getByRole("link", { name: /^Nodes/ }).click();
  await expect(heading(page, "Loading")).toBeFocused();
  go();
  await expect(heading(page, "Nodes")).toBeFocused();
});

test("every page opens while the server cannot be reached", async ({ page, context, guard }) => {
  const all = page.waitForResponse(/split_help\.wasm$/);
  await signIn(page);
  await expect(pill(page)).toHaveText("Live");
  await (await all).finished();
  await page.waitForLoadState("load");
  await guard.expecting(/ERR_INTERNET_DISCONNECTED|Failed to fetch|NetworkError/, async () => {
    await context.setOffline(true);
    await page.getByRole("link", { name: "Help", exact: true }).first().click();
    await expect(heading(page, "Help")).toBeVisible();
    await context.setOffline(false);
  });
});
