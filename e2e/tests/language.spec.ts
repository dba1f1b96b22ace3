// The console in Arabic and back, and what the browser remembers of how a person likes it.
import type { Page } from "@playwright/test";
import { background, foreignWords, speak } from "../support/looks.ts";
import { freePort } from "../support/processes.ts";
import { ADMIN } from "../support/server.ts";
import { expect, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "language" });

/** What stands on the root of the page. */
async function root(page: Page, attribute: string): Promise<string | null> {
  return await page.locator("html").getAttribute(attribute);
}

/** Leaving while parts of the program are still coming breaks them off, which browsers call an error. */
async function whole(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const parts = performance.getEntriesByType("resource").filter((entry) => entry.name.includes("/split_"));
    return parts.length >= 6 && parts.every((entry) => (entry as PerformanceResourceTiming).responseEnd > 0);
  });
}

test("from the sign-in page into Arabic, and back", async ({ page, api }) => {
  await api.createRegion("OM", "language");
  await page.goto("/login");
  await expect(heading(page, "Sign in")).toBeVisible();
  expect([await root(page, "lang"), await root(page, "dir")]).toEqual(["en", "ltr"]);

  // By keys alone.
  await page.getByRole("button", { name: "Language" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "English" })).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect(heading(page, "تسجيل الدخول")).toBeVisible();
  expect([await root(page, "lang"), await root(page, "dir")]).toEqual(["ar", "rtl"]);

  await page.getByRole("textbox", { name: "البريد الإلكتروني" }).fill(ADMIN.email);
  await page.getByLabel("كلمة المرور", { exact: true }).fill(ADMIN.password);
  await page.getByRole("button", { name: "تسجيل الدخول" }).click();
  await expect(heading(page, "لوحة المتابعة")).toBeVisible();
  await expect(page.getByRole("button", { name: "مباشر" })).toBeVisible();
  // The navigation stands where reading begins.
  const side = await page.locator(".app > .nav").evaluate((nav) => nav.getBoundingClientRect().left);
  expect(side).toBeGreaterThan(600);
  // Latin digits, also in times; the letters are those of the font that comes along.
  await expect(page.locator("main")).toContainText(/\d\d:\d\d:\d\d/);
  await expect(page.locator("body")).not.toContainText(/[٠-٩]/);
  const font = () => page.evaluate(() => document.fonts.check('14px "Plex Arabic"', "م"));
  await expect.poll(font, "the font has come").toBe(true);

  await whole(page);
  await page.reload();
  await expect(heading(page, "لوحة المتابعة")).toBeVisible();
  await whole(page);

  await page.getByRole("button", { name: "اللغة" }).click();
  await page.getByRole("button", { name: "English" }).click();
  await expect(heading(page, "Dashboard")).toBeVisible();
  expect([await root(page, "lang"), await root(page, "dir")]).toEqual(["en", "ltr"]);
});

test.describe("in an Arabic browser", () => {
  test.use({ locale: "ar-OM" });

  test("the console opens in Arabic; figures take the digits that were chosen, addresses keep theirs", async ({
    page,
    server,
  }) => {
    await signedIn(page, server);
    await page.goto("/settings/appearance");
    await expect(heading(page, "المظهر")).toBeVisible();
    expect(await root(page, "dir")).toBe("rtl");
    const now = page.getByText("الآن:");
    await expect(now).toContainText(/\d\d:\d\d:\d\d/);
    await page.getByRole("radio", { name: "١٢٣" }).check();
    await expect(now).toContainText(/[٠-٩]{2}:[٠-٩]{2}:[٠-٩]{2}/);
    await page.getByRole("radio", { name: "التوقيت العالمي UTC" }).check();
    await expect(now).toContainText("UTC");
    await page.goto("/settings/about");
    await expect(page.locator("main dl bdi.id").first()).toHaveText(/^\d+\.\d+\.\d+/);
    await page.goto("/regions/new");
    const country = page.getByRole("combobox");
    for (const typed of ["عمان", "oman", "OMN"]) {
      await country.fill(typed);
      await expect(page.getByRole("option", { name: /عُمان/ })).toBeVisible();
    }
  });
});

test("dialogs speak Arabic too: what a change would do, what stands against a delete, row by row", async ({
  page,
  server,
  api,
}) => {
  test.setTimeout(60_000);
  const region = await api.createRegion("OM", `dialogs-${await freePort()}`);
  const silent = await api.createNode(region, "proxy", `127.0.0.1:${await freePort()}`);
  const live = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`);
  await server.startNode(live.snippet);
  await speak(page, "ar");
  await signedIn(page, server);
  const dialog = page.getByRole("dialog");
  /** Opens a dialog, waits for what the server says in it, and looks for words that are not Arabic. */
  const look = async (name: string, open: () => Promise<void>, answer: string | RegExp): Promise<void> => {
    await open();
    await expect(dialog.getByText(answer).first()).toBeVisible();
    await expect(dialog.locator("[aria-busy=true]")).toHaveCount(0);
    expect.soft(await foreignWords(page, "dialog[open]"), name).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
  };
  const press = (name: string) => async () => await page.locator("main").getByRole("button", { name }).click();

  await page.goto(`/nodes/${live.node.id}`);
  await expect(page.locator("main .hd [data-status]").first()).toHaveText(/^متصل/);
  await look("maintenance", press("صيانة…"), /^يصل إلى عقدة واحدة/);
  await look("disable", press("تعطيل…"), /^يصل إلى عقدة واحدة/);
  await look("shutdown", press("إيقاف…"), /^يصل إلى عقدة واحدة/);

  await page.goto(`/regions/${region}`);
  await expect(page.locator(".app[data-fresh=live]")).toBeVisible();
  await look("maintenance of a region", press("صيانة…"), /^يصل إلى عقدتين/);
  await look("shutdown of a region", press("إيقاف كل العُقد…"), /^يصل إلى عقدة واحدة/);
  await look("delete a region", press("حذف…"), "ما زال في المنطقة عقدتان. احذف ما فيها أولًا.");

  await page.goto(`/nodes?region=${region}`);
  await expect(page.getByRole("row").filter({ hasText: "متصل" }).first()).toBeVisible();
  await page.getByRole("checkbox", { name: "تحديد كل الصفوف المعروضة" }).check();
  const bar = page.getByRole("group", { name: "العُقد المحددة" });
  const many = (name: string) => async () => await bar.getByRole("button", { name }).click();
  await look("maintenance of many", many("صيانة…"), /^يصل إلى عقدتين/);
  await look("shutdown of many", many("إيقاف…"), "العقدة غير نابضة، فلا تسمع الأمر.");

  // Only what is disabled can be deleted.
  const wish = { state: "disabled", privateReason: "إخراج من الخدمة" };
  const { version } = await api.get<{ version: number }>(`/api/v1/nodes/${silent.node.id}`);
  await api.send("PUT", `/api/v1/nodes/${silent.node.id}/intent`, wish, `"${version}"`);
  await page.goto(`/nodes/${silent.node.id}`);
  await expect(page.locator("main .hd [data-status]").first()).toHaveText(/^معطّل/);
  const remove = page.getByRole("menuitem", { name: "حذف…" });
  const open = async (): Promise<void> => {
    await press("إجراءات أخرى")();
    await expect(remove).toBeVisible();
    await remove.click();
  };
  await look("delete a node", open, "لم تُبلغ عن أي عمل قط.");
});

test("one rule for plurals: the program's and the browser's", async ({ page, server }) => {
  await signedIn(page, server);
  await page.goto("/settings/appearance");
  await expect(heading(page, "Appearance")).toBeVisible();
  // The host test of the program has this very table; here it is asked of the browser that runs it.
  const table = await page.evaluate(() => {
    const names = ["zero", "one", "two", "few", "many", "other"];
    const rules = new Intl.PluralRules("ar");
    return Array.from({ length: 211 }, (_, n) => names.indexOf(rules.select(n))).join("");
  });
  const few = "3".repeat(8);
  const hundred = `${few}${"4".repeat(89)}555`;
  expect(table).toBe(`012${hundred}${hundred}${few}`);
});

test("preferences work at once, are remembered, and reach other tabs", async ({ page, server, guard }) => {
  await signedIn(page, server);
  await page.goto("/settings/appearance");
  await expect(heading(page, "Appearance")).toBeVisible();
  await expect(pill(page)).toHaveText("Live");
  const other = await page.context().newPage();
  guard.watch(other, server.url);
  await other.goto("/help");
  await expect(heading(other, "Help")).toBeVisible();

  const choose = async (group: string, name: string): Promise<void> => {
    await page.getByRole("group", { name: group }).getByRole("radio", { name }).check();
  };
  await choose("Theme", "Dark");
  await choose("Contrast", "More");
  await choose("Density", "Compact");
  await choose("Motion", "None");
  await choose("Update of figures", "Every 5 seconds");
  await page.getByRole("switch", { name: "Shortcuts of one key" }).uncheck();
  const looks = async (of: Page): Promise<(string | null)[]> =>
    await Promise.all(["data-theme", "data-contrast", "data-density", "data-motion"].map((name) => root(of, name)));
  for (const of of [page, other]) await expect.poll(() => looks(of)).toEqual(["dark", "more", "compact", "reduced"]);
  const height = await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--row-h"));
  expect(height.trim()).toBe("2rem");

  await page.reload();
  await expect(heading(page, "Appearance")).toBeVisible();
  expect(await looks(page)).toEqual(["dark", "more", "compact", "reduced"]);
  await expect(page.getByRole("radio", { name: "Every 5 seconds" })).toBeChecked();
  await expect(page.getByRole("switch", { name: "Shortcuts of one key" })).not.toBeChecked();
  await other.close();
});

test("the theme follows the system until one is chosen, and is there before the program", async ({ page, guard }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.goto("/login");
  await expect(heading(page, "Sign in")).toBeVisible();
  expect(await background(page)).toBeLessThan(0.5);
  await page.emulateMedia({ colorScheme: "light" });
  await expect.poll(() => background(page)).toBeGreaterThan(0.5);
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  await expect.poll(() => background(page)).toBeLessThan(0.5);

  // Without the program: what is painted first is dark already.
  await guard.expecting(/Failed to (load resource|fetch)/, async () => {
    await page.route("**/*.wasm", (route) => route.abort());
    await page.addInitScript(() => localStorage.setItem("iqra.language", "ar"));
    const refused = page.waitForEvent("pageerror");
    await page.goto("/login", { waitUntil: "domcontentloaded" });
    await refused;
  });
  await expect(page.locator("#shell")).toContainText("Iqra");
  expect(await background(page)).toBeLessThan(0.5);
  expect(await root(page, "dir")).toBe("rtl");
});
