// Activity: what was done and what was refused, by filter and link, and an export that holds what the filter shows.
import { readFile } from "node:fs/promises";
import { Refused } from "../support/api.ts";
import { addSecret } from "../support/canary.ts";
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
  const elsewhere = await page.request.post("/api/v1/regions", { data: { countryCode: "FR", name: "x" }, headers: origin });
  expect(elsewhere.status()).toBe(403);

  await page.goto("/activity");
  await expect(heading(page, "Activity")).toBeVisible();
  await expect(pill(page)).toHaveText("Live");
  const table = page.getByRole("region", { name: "Activity" }).getByRole("table");
  // Rows with entries: the heads of the table and of its days have no cells.
  const entries = table.getByRole("row").filter({ has: page.getByRole("cell") });
  const done = table.getByRole("row").filter({ hasText: "added a region" }).filter({ hasText: region });
  await expect(done.filter({ hasText: "Done" })).toHaveCount(1);
  const denied = table.getByRole("row").filter({ hasText: "was denied: add a region" });
  await expect(denied.filter({ hasText: "Denied" }).first()).toBeVisible();
  await expect(table.getByRole("row").filter({ hasText: "was refused: add a region" }).first()).toBeVisible();
  // Each day has a heading.
  await expect(table.getByRole("rowheader", { name: /day/i }).first()).toBeVisible();
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
    const rows = 3;
    await expect(entries).toHaveCount(rows);
    for (const [name, lines] of [[`Export ${rows} entries as CSV`, rows + 1], [`Export ${rows} entries as NDJSON`, rows]] as const) {
      const under = page.waitForEvent("download");
      await page.getByRole("link", { name }).click();
      const text = await readFile(await (await under).path(), "utf8");
      expect(text.trimEnd().split("\n").length).toBe(lines);
    }
    await page.reload();
    await expect(page.getByLabel("Outcome")).toHaveValue("allowed");
    await expect(entries).toHaveCount(rows);
  });

  await test.step("target and region are chosen, and each is taken away alone", async () => {
    await page.goto(`/activity?action=region.&outcome=allowed&targetId=${region}`);
    await expect(entries).toHaveCount(1);
    await page.getByLabel("Region", { exact: true }).selectOption(region);
    await page.getByLabel("Target", { exact: true }).selectOption({ label: "Region" });
    await expect(page).toHaveURL(new RegExp(`region=${region}`));
    await expect(page).toHaveURL(/targetKind=region/);
    await page.getByRole("button", { name: `Remove the filter: Only ${region}` }).click();
    await expect(page).not.toHaveURL(/targetId=/);
    await expect(entries).toHaveCount(1);
    await page.reload();
    await expect(page.getByLabel("Region", { exact: true })).toHaveValue(region);
    await page.getByLabel("Region", { exact: true }).selectOption({ label: "Any region" });
    await expect(page).not.toHaveURL(/[?&]region=/);
    await expect(page.getByLabel("Target", { exact: true })).toHaveValue("region");
    await expect(entries).toHaveCount(3);
  });

  await test.step("what was denied is found by what it was", async () => {
    await page.goto("/activity?action=region.&outcome=denied");
    await expect(entries).toHaveCount(1);
    await entries.getByRole("link", { name: /^Open the entry/ }).click();
    await expect(heading(page, /was denied: add a region/)).toBeVisible();
    await page.goto("/activity?action=region.&outcome=allowed");
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

test("scripts are told apart from people, in the list, the count and the file", async ({ page, server, api }) => {
  await signedIn(page, server);
  const headers = { origin: server.url };
  const data = { name: "ci-deploy", scope: "operate", expiresInDays: 7 };
  const made = await page.request.post("/api/v1/tokens", { data, headers });
  expect(made.status()).toBe(201);
  const { plainToken } = (await made.json()) as { plainToken: string };
  addSecret(plainToken, "an automation token");
  for (const name of ["script-a", "script-b"]) {
    const reply = await fetch(`${server.url}/api/v1/regions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${plainToken}` },
      body: JSON.stringify({ countryCode: "OM", name }),
    });
    expect(reply.status).toBe(201);
  }
  await api.createRegion("OM", "by-hand");
  await page.goto("/activity");
  const table = page.getByRole("region", { name: "Activity" }).getByRole("table");
  await page.getByLabel("Who").selectOption({ label: "Scripts" });
  await expect(page).toHaveURL(/actorKind=token/);
  const entries = table.getByRole("row").filter({ has: page.getByRole("cell") });
  await expect(entries).toHaveCount(2);
  await expect(entries.filter({ hasText: "ci-deploy" })).toHaveCount(2);
  const under = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export 2 entries as NDJSON" }).click();
  const text = await readFile(await (await under).path(), "utf8");
  expect(text.trimEnd().split("\n").length).toBe(2);
  // New ones are told apart too.
  await api.createRegion("OM", "by-hand-too");
  await fetch(`${server.url}/api/v1/regions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${plainToken}` },
    body: JSON.stringify({ countryCode: "OM", name: "script-c" }),
  });
  await expect(page.getByRole("button", { name: "1 new entry" })).toBeVisible();
  await page.goto("/activity?actorKind=user");
  await expect(page.getByLabel("Who")).toHaveValue("user");
  await expect(table.getByRole("row").filter({ hasText: "OM-BY-HAND" }).first()).toBeVisible();
  await expect(table.getByText("ci-deploy (token)")).toHaveCount(0);
  await expect(table.getByRole("row").filter({ hasText: "OM-SCRIPT-A" })).toHaveCount(0);
});

test("the chain of the log is checked, and a change beside the server is seen", async ({ page, server, api }) => {
  const region = await api.createRegion("OM", "chained");
  await signedIn(page, server);
  await page.goto("/activity");
  const card = page.getByRole("region", { name: "Chain of the log" });
  await expect(card.getByText("Chained, not verified from here yet")).toBeVisible();
  await card.getByText("Chain of the log").click();
  await expect(card.getByText("can add entries and cannot change or remove them")).toBeVisible();
  await expectAccessible(page, "the chain");
  await card.getByRole("button", { name: "Verify now" }).click();
  await expect(card.getByText(/^Chained, verified/)).toBeVisible();
  await page.reload();
  await expect(card.getByText(/^Chained, verified/)).toBeVisible();

  const tamper = `SET session_replication_role = replica; UPDATE activity SET actor = 'nobody' WHERE target_id = '${region}'`;
  test.skip(!(await server.sql(tamper)), "without psql nobody changes the database beside the server");
  await card.getByText("Chain of the log").click();
  await card.getByRole("button", { name: "Verify now" }).click();
  const alert = card.getByRole("alert");
  await expect(alert).toContainText("The chain of this log is broken");
  await expect(alert).toContainText(/Entry \d+ was changed after it was written\./);
  await expect(alert).toContainText("Keep a copy of the database");
  await expectAccessible(page, "the broken chain");
  await alert.getByRole("link", { name: "Open the entry" }).click();
  await expect(heading(page, /added a region/)).toBeVisible();
});
