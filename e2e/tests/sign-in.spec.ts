import { expect, expectAccessible, test } from "../support/test.ts";

test("the console opens with the sign-in page", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("textbox", { name: "Email" })).toBeVisible();
  await expect(page.getByLabel("Password", { exact: true })).toBeVisible();
  await expect(page.getByRole("button", { name: "Sign in" })).toBeEnabled();
  // The shell that was painted before the program arrived is gone.
  expect(await page.evaluate(() => document.getElementById("shell"))).toBeNull();
  await expectAccessible(page);
});
