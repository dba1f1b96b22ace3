// A session that ends under somebody's work: the page stays, asks who is there, and goes on where it was.
import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import { freePort } from "../support/processes.ts";
import { ADMIN, type Server } from "../support/server.ts";
import { SlowLine } from "../support/slow-line.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";
import { mark, marked } from "../support/watch.ts";

/** Ends the session of the page's browser at the server, as an administrator or time would. */
async function end(page: Page, server: Server): Promise<void> {
  const reply = await page.request.post(`${server.url}/api/v1/auth/logout`, { headers: { origin: server.url } });
  expect(reply.ok(), "sign-out").toBe(true);
}

function dialog(page: Page) {
  return page.getByRole("dialog", { name: "Your session ended" });
}

/** Signs in inside the dialog. */
async function back(page: Page): Promise<void> {
  await expect(dialog(page).getByRole("textbox", { name: "Email" })).toHaveValue(ADMIN.email);
  await expect(dialog(page).getByLabel("Password", { exact: true })).toBeFocused();
  await dialog(page).getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await dialog(page).getByRole("button", { name: "Sign in" }).click();
}

test("the page stays with what was typed, in all tabs, and one sign-in brings all back", async ({
  page,
  server,
  guard,
}) => {
  await signedIn(page, server);
  await page.goto("/regions/new");
  await expect(pill(page)).toHaveText("Live");
  await mark(page);
  const typed = `typed-${await freePort()}`;
  await page.getByRole("combobox", { name: "Country" }).fill("Cyprus");
  await page.getByRole("textbox", { name: "Region name" }).fill(typed);
  const other = await page.context().newPage();
  guard.watch(other, server.url);
  await other.goto("/nodes");
  await expect(pill(other)).toHaveText("Live");
  await mark(other);

  await guard.expecting(/status of 401/, async () => {
    await end(page, server);
    for (const tab of [page, other]) {
      await expect(dialog(tab)).toBeVisible();
      await expect(dialog(tab)).toContainText("Sign in to continue. What you typed is kept.");
    }
    await expectAccessible(page, "session ended");
    await page.keyboard.press("Escape");
    await expect(dialog(page), "there is nothing behind it that works").toBeVisible();
    await back(page);
    for (const tab of [page, other]) {
      await expect(dialog(tab)).toBeHidden();
      await expect(pill(tab)).toHaveText("Live");
    }
  });
  await expect(page.getByRole("textbox", { name: "Region name" })).toHaveValue(typed);
  for (const tab of [page, other]) expect(await marked(tab), "no page was loaded again").toBeDefined();
  await page.getByRole("button", { name: "Create region" }).click();
  await expect(heading(page, `CY-${typed.toUpperCase()}`)).toBeVisible();
});

test("a change that was refused is made when its person is back", async ({ page, server, guard }) => {
  const line = await SlowLine.open(server);
  try {
    guard.allow(line.url);
    await signedIn(page, server);
    await page.goto(`${line.url}/regions/new`);
    await expect(pill(page)).toHaveText("Live");
    await mark(page);
    const typed = `again-${await freePort()}`;
    await page.getByRole("combobox", { name: "Country" }).fill("Greece");
    await page.getByRole("textbox", { name: "Region name" }).fill(typed);
    // The page does not hear that the session is over.
    line.hold();
    await guard.expecting(/status of 401/, async () => {
      await end(page, server);
      await page.getByRole("button", { name: "Create region" }).click();
      await expect(dialog(page)).toBeVisible();
      line.release();
      await back(page);
      await expect(heading(page, `GR-${typed.toUpperCase()}`)).toBeVisible();
    });
    await expect(pill(page)).toHaveText("Live");
    expect(await marked(page)).toBeDefined();
  } finally {
    await page.close();
    await line.close();
  }
});

test("somebody else who signs in there finds nothing of the one before", async ({ page, server, guard }) => {
  await signedIn(page, server);
  await page.goto("/regions/new");
  await expect(pill(page)).toHaveText("Live");
  await mark(page);
  await page.getByRole("textbox", { name: "Region name" }).fill("mine-alone");
  await guard.expecting(/status of 401/, async () => {
    await end(page, server);
    await expect(dialog(page)).toBeVisible();
    await page.route("**/api/v1/auth/login", async (route) => {
      const reply = await route.fetch();
      const body = (await reply.json()) as { user: object };
      await route.fulfill({ response: reply, json: { ...body, user: { ...body.user, id: randomUUID() } } });
    });
    await back(page);
    // While it is being loaded it cannot be asked.
    await expect.poll(() => marked(page).catch(() => "on its way"), "the page begins anew").toBeUndefined();
  });
  await expect(page.getByRole("textbox", { name: "Region name" })).toHaveValue("");
});

test("signing out in one tab signs out all", async ({ page, server, guard }) => {
  await signedIn(page, server);
  await page.goto("/dashboard");
  const other = await page.context().newPage();
  guard.watch(other, server.url);
  await other.goto("/nodes");
  for (const tab of [page, other]) await expect(pill(tab)).toHaveText("Live");
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  for (const tab of [page, other]) {
    await expect(heading(tab, "Sign in")).toBeVisible();
    await expect(tab.getByText("You are signed out.")).toBeVisible();
  }
  // And in again: the tab that waits at the door comes with it.
  await page.getByRole("textbox", { name: "Email" }).fill(ADMIN.email);
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  for (const tab of [page, other]) {
    await expect(heading(tab, "Dashboard")).toBeVisible();
    await expect(pill(tab)).toHaveText("Live");
  }
});

test("the sign-in page says when the session ended; a title says that a form has something to correct", async ({
  page,
  server,
  guard,
}) => {
  await signedIn(page, server);
  await page.goto("/regions/new");
  await expect(pill(page)).toHaveText("Live");
  await expect(page).toHaveTitle(/^(\(\d+\) )?Add region/);
  await page.getByRole("button", { name: "Create region" }).click();
  await expect(page).toHaveTitle(/^Error: /);
  await page.getByRole("link", { name: "Regions", exact: true }).first().click();
  await expect(heading(page, "Regions")).toBeVisible();
  await expect(page).not.toHaveTitle(/^Error: /);
  await guard.expecting(/status of 401/, async () => {
    await end(page, server);
    await expect(dialog(page)).toBeVisible();
    await page.getByRole("button", { name: "Go to the sign-in page" }).click();
    await expect(page.getByText(/^Your session ended at \d\d:\d\d:\d\d\. Sign in to continue\.$/)).toBeVisible();
  });
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page).toHaveTitle(/^Error: Sign in/);
  await page.getByLabel("Email").fill(ADMIN.email);
  await page.getByLabel("Password", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(heading(page, "Regions")).toBeVisible();
  await expect(page).not.toHaveTitle(/^Error: /);
});
