// Activity: what was done and what was refused, by filter and link, and an export that holds what the filter shows.
import { readFile } from "node:fs/promises";
import { Refused } from "../support/api.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "activity" });

test("done and not done, and an export equal to the filter", async ({ page, server, api }) => {
  const region = await api.createRegion("DE", "audit");
  await api.createRegion("OM", "audit");
  await signedIn(page, server);
  // Refused by a rule: there is such a region already.
  const again = await api.createRegion("DE", "audit").catch((e: unknown) => e);
  expect(again).toBeInstanceOf(Refused);
  // Denied: a change that comes from another site's page.
  const origin = { origin: "http://elsewhere.example" };
  const denied = await page.request.post("/api/v1/regions", { data: { countryCode: "FR", name: "x" }, headers: origin });
  expect(denied.status()).toBe(403);

  await page.goto("/activity");
  await expect(heading(page, "Activity")).toBeVisible();
  await expect(pill(page)).toHaveText("Live");
  const table = page.getByRole("region", { name: "Activity" }).getByRole("table");
  const done = table.getByRole("row").filter({ hasText: "added a region" }).filter({ hasText: region });
  await expect(done.filter({ hasText: "Done" })).toHaveCount(1);
  await expect(table.getByRole("row").filter({ hasText: "Denied" }).first()).toBeVisible();
  await expectAccessible(page, "activity");

  await test.step("new ones wait behind a button", async () => {
    await api.createRegion("FR", "audit");
    const fresh = page.getByRole("button", { name: "1 new entry" });
    await expect(fresh).toBeVisible();
    await expect(table.getByText("FR-AUDIT")).toHaveCount(0);
    await fresh.click();
    await expect(table.getByText("FR-AUDIT")).toHaveCount(1);
  });

  await test.step("a filter is in the address, and the export equals it", async () => {
    await page.getByLabel("Action").selectOption("region.");
    await page.getByLabel("Outcome").selectOption("allowed");
    await expect(page).toHaveURL(/action=region\.&outcome=allowed/);
    await expect(table.getByRole("row").filter({ hasText: "Denied" })).toHaveCount(0);
    const rows = (await table.getByRole("row").count()) - 1;
    expect(rows).toBe(3);
    for (const [name, lines] of [[`Export ${rows} entries as CSV`, rows + 1], [`Export ${rows} entries as NDJSON`, rows]] as const) {
      const under = page.waitForEvent("download");
      await page.getByRole("link", { name }).click();
      const text = await readFile(await (await under).path(), "utf8");
      expect(text.trimEnd().split("\n").length).toBe(lines);
    }
    await page.reload();
    await expect(page.getByLabel("Outcome")).toHaveValue("allowed");
    await expect(table.getByRole("row")).toHaveCount(rows + 1);
  });

  await test.step("an entry has an address of its own", async () => {
    await done.getByRole("link", { name: /^Open the entry/ }).click();
    await expect(heading(page, /added a region/)).toBeVisible();
    await expect(page.getByRole("region", { name: "What changed" }).getByRole("table")).toBeVisible();
    await expectAccessible(page, "an entry");
    await page.reload();
    await expect(heading(page, /added a region/)).toBeVisible();
  });
});
