// Help: its pages, the panel beside a page, the call behind a page, the settings of the installation.
import { TIMERS } from "../support/server.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.beforeEach(async ({ page, server }) => await signedIn(page, server));

test("topics", async ({ page }) => {
  await page.goto("/help");
  await page.getByRole("link", { name: "Why 0/N?" }).click();
  await expect(heading(page, "Why 0/N?")).toBeFocused();
  await expect(page.getByRole("main")).toContainText("firewall");
  await expect(page.getByRole("main")).toContainText("appsettings.json");
  await page.getByRole("link", { name: "Show nodes that do not report" }).click();
  await expect(page).toHaveURL(/\/nodes\?status=never_seen(,|%2C)offline/);

  await page.goto("/help/statuses");
  await expect(page.locator("#help-timers")).toContainText(`Stale: nothing for ${TIMERS.stale / 1000 === 1.5 ? "1 s" : ""}`);
  await page.goto("/help/lifecycle");
  for (const name of ["Maintenance", "Disable", "Shut down", "Delete"]) {
    await expect(page.getByRole("rowheader", { name })).toBeVisible();
  }
  await page.goto("/help/region-ids");
  const file = page.getByRole("figure").filter({ hasText: "proxy" }).locator("code");
  expect(JSON.parse(await file.innerText())).toHaveProperty("Proxy.RegionId", "OM-MCT");
  // The table of roles is the one that stands below the list of people.
  const rows = () => page.getByRole("region", { name: "What the roles may do" }).getByRole("row").allInnerTexts();
  await page.goto("/users");
  await expect(page.getByRole("heading", { name: "What the roles may do" })).toBeVisible();
  const there = await rows();
  await page.goto("/help");
  await page.getByRole("main").getByRole("link", { name: "Roles", exact: true }).click();
  await expect(heading(page, "Roles")).toBeFocused();
  await expect(page.getByRole("rowheader").first()).toBeVisible();
  expect(there.length).toBeGreaterThan(3);
  expect(await rows()).toEqual(there);
  await page.goto("/help/api");
  await expect(page.getByRole("link", { name: "API reference" })).toHaveAttribute("href", /\/api\/docs/);
  await expect(page.getByRole("link", { name: "Download openapi.json" })).toHaveAttribute("href", "/api/openapi.json");
});

test("help beside a page, and the call behind it", async ({ page, server }) => {
  await page.goto("/nodes?q=beside");
  await expect(pill(page)).toHaveText("Live");
  const open = page.getByRole("button", { name: "Help for this page" });
  await open.click();
  const panel = page.getByRole("dialog", { name: "Statuses and thresholds" });
  await expect(panel).toContainText("Silent for so long");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(open).toBeFocused();
  await expect(page).toHaveURL(/\/nodes\?q=beside$/);

  await page.keyboard.press(".");
  const menu = page.getByRole("group", { name: "More for this page" });
  await expect(menu).toBeVisible();
  await menu.getByRole("button", { name: "Show API call" }).click();
  const dialog = page.getByRole("dialog", { name: "Show API call" });
  await expect(dialog.locator("code").first()).toHaveText(`curl -s -b cookies '${server.url}/api/v1/nodes?q=beside'`);
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

test("the installation says how it judges and what it keeps", async ({ page, api }) => {
  const meta = await api.get<{ retention: { activityDays: number }; version: string }>("/api/v1/meta");
  await page.goto("/settings");
  await expect(heading(page, "General")).toBeVisible();
  await expect(page.getByRole("navigation", { name: /settings/i }).getByRole("link", { name: "General" })).toHaveAttribute("aria-current", "page");
  await expect(page.getByRole("main")).toContainText(`${meta.retention.activityDays} days`);
  await expect(page.getByRole("main")).toContainText(meta.version);
  await expect(page.getByRole("main")).toContainText("Offline after");
});
