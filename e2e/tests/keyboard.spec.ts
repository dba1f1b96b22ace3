// Without a mouse: the keyboard alone reaches and does everything.
import { freePort } from "../support/processes.ts";
import { expect, heading, pill, signedIn, test } from "../support/test.ts";

test("a region is added by keyboard alone", async ({ page, server }) => {
  const name = `keys-${await freePort()}`;
  await signedIn(page, server);
  await page.goto("/regions");
  await expect(heading(page, "Regions")).toBeVisible();
  await expect(pill(page)).toHaveText("Live");

  await test.step("the skip link comes first and leads past the navigation", async () => {
    await page.keyboard.press("Tab");
    const skip = page.getByRole("link", { name: "Skip to content" });
    await expect(skip).toBeFocused();
    await expect(skip).toBeInViewport();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("main")).toBeFocused();
    await expect(page).toHaveURL(/\/regions$/);
  });

  // Past the path above the heading and what belongs to the page.
  const add = page.getByRole("main").getByRole("link", { name: "Add region" }).first();
  for (let steps = 0; steps < 12; steps += 1) {
    await page.keyboard.press("Tab");
    if (await add.evaluate((link) => link === document.activeElement)) break;
  }
  await expect(add).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(heading(page, "Add region")).toBeFocused();

  const country = page.getByRole("combobox", { name: "Country" });
  await test.step("the country picker", async () => {
    await page.keyboard.press("Tab");
    await expect(country).toBeFocused();
    await expect(country).toHaveAttribute("aria-expanded", "false");
    await page.keyboard.press("ArrowDown");
    await expect(country).toHaveAttribute("aria-expanded", "true");
    await page.keyboard.press("Escape");
    await expect(country).toHaveAttribute("aria-expanded", "false");
    await page.keyboard.type("united");
    const options = page.getByRole("option");
    await expect(options.first()).toBeVisible();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    const second = await options.nth(1).getAttribute("id");
    await expect(country).toHaveAttribute("aria-activedescendant", second ?? "none");
    await page.keyboard.press("ArrowUp");
    const first = await options.first().getAttribute("id");
    await expect(country).toHaveAttribute("aria-activedescendant", first ?? "none");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await expect(country).toHaveValue("");
    // One match is what was meant.
    await page.keyboard.type("finl");
    await expect(options).toHaveCount(1);
    await page.keyboard.press("Enter");
    await expect(country).toHaveValue("Finland");
    await expect(country).toHaveAttribute("aria-expanded", "false");
    await expect(heading(page, "Add region")).toBeVisible();
  });

  await page.keyboard.press("Tab");
  await expect(page.getByRole("textbox", { name: "Region name" })).toBeFocused();
  await page.keyboard.type(name);
  await expect(page.getByRole("status", { name: /^Region ID/ })).toHaveText(`FI-${name.toUpperCase()}`);
  await page.keyboard.press("Enter");
  await expect(heading(page, `FI-${name.toUpperCase()}`)).toBeFocused();
});

test("focus goes to the heading of a page that was opened, and menus give it back", async ({ page, server }) => {
  await signedIn(page, server);
  await page.goto("/dashboard");
  await expect(heading(page, "Dashboard")).toBeVisible();
  const navigation = page.getByRole("navigation", { name: "Infrastructure" });
  for (const title of ["Regions", "Nodes", "Help", "Dashboard"]) {
    // Some links end in how much there is behind them.
    const way = navigation.getByRole("link", { name: new RegExp(`^${title}`) });
    await way.focus();
    await page.keyboard.press("Enter");
    await expect(heading(page, title)).toBeFocused();
    await expect(way).toHaveAttribute("aria-current", "page");
  }
  const theme = page.getByRole("button", { name: "Theme" });
  await theme.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("group", { name: "Theme" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("group", { name: "Theme" })).toBeHidden();
  await expect(theme).toBeFocused();
});

test("signing out leads to the sign-in page and shuts the door", async ({ page, server }) => {
  await signedIn(page, server);
  await page.goto("/nodes");
  await expect(pill(page)).toHaveText("Live");
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(heading(page, "Sign in")).toBeVisible();
  await expect(page.getByText("You are signed out.")).toBeVisible();
  await page.goto("/nodes");
  await expect(heading(page, "Sign in")).toBeVisible();
  await expect(page).toHaveURL(/\/login\?next=\/nodes$/);
});
