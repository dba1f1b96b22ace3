// The dashboard: first steps that complete from real data, small lines with gaps, figures for the ear, regions by filter.
import { type Process, freePort } from "../support/processes.ts";
import { addSecret } from "../support/canary.ts";
import { Store } from "../support/store.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "dashboard" });
test.describe.configure({ mode: "serial", timeout: 120_000 });

let region = "";
/** The one backend: its file, and its process now. */
const backend: { file: string; process?: Process } = { file: "" };

test("the five first steps complete from real data", async ({ page, server, api }) => {
  await signedIn(page, server);
  await page.goto("/dashboard");
  const setup = page.getByRole("region", { name: "Set up the platform" });
  const step = (name: string) => setup.getByRole("listitem").filter({ hasText: name });
  const done = (name: string) => expect(step(name)).toContainText("Done");
  await expect(setup).toContainText("0 of 5 done");
  await expect(setup.getByRole("listitem")).toHaveCount(5);
  await expect(setup.getByRole("link", { name: "Add region" })).toBeVisible();
  await expectAccessible(page, "an empty platform");

  region = await api.createRegion("OM", `first-${await freePort()}`);
  await done("Create a region");
  await expect(setup).toContainText("1 of 5 done");
  await expect(step("Create a region")).toContainText(region);

  const store = await Store.start();
  const { access, secret } = Store.full;
  await api.putStorage(region, { endpoint: store.url, accessKey: access, secretKey: secret, ssl: false });
  await done("Configure its S3 storage");
  await expect(step("Configure its S3 storage")).toContainText("Last test passed");

  for (const [kind, name] of [["backend", "Add a backend"], ["proxy", "Add a proxy"]] as const) {
    const made = await api.createNode(region, kind, `127.0.0.1:${await freePort()}`, { maxConcurrentCalls: 25 });
    // Registered is not done: a heartbeat is.
    await expect(step(name)).toContainText("waiting for its heartbeat");
    await expect(step(name)).toContainText("To do");
    const process = await server.startNode(made.snippet, ["--calls", "demo"]);
    if (kind === "backend") Object.assign(backend, { file: made.snippet, process });
    await done(name);
  }
  await expect(setup).toContainText("4 of 5 done");

  await test.step("hidden, and remembered as hidden", async () => {
    await setup.getByRole("button", { name: "Hide this list" }).click();
    await expect(setup).toBeHidden();
    await page.reload();
    await expect(page.getByRole("button", { name: "Show the first steps" })).toBeVisible();
    await page.getByRole("button", { name: "Show the first steps" }).click();
    await expect(setup).toContainText("4 of 5 done");
  });

  await setup.getByRole("link", { name: "Configure", exact: true }).click();
  await page.getByRole("textbox", { name: "Endpoint" }).fill(`http://127.0.0.1:${await freePort()}`);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "The new key" })).toBeFocused();
  await page.getByRole("button", { name: "Reveal" }).click();
  const settings = (await page.getByRole("region", { name: "appsettings.json" }).textContent()) ?? "";
  addSecret((JSON.parse(settings) as { Security: { ApiKey: string } }).Security.ApiKey);
  await server.startNode(settings);
  await page.getByRole("navigation", { name: "Infrastructure", exact: true }).getByRole("link", { name: "Dashboard" }).click();
  await expect(heading(page, "Dashboard")).toBeVisible();
  await expect(setup).toBeHidden({ timeout: 20_000 });
  await expect(page.getByRole("region", { name: "Regions" })).toContainText(region);
  await store.end();
});

test("figures are links, lines are drawn and break where nobody measured", async ({ page, server, api }) => {
  await signedIn(page, server);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto("/dashboard");
  await expect(pill(page)).toHaveText("Live");
  const figures = page.getByRole("region", { name: "Key figures" });
  const box = await figures.boundingBox();
  expect(box && box.y + box.height, "all key figures are on the first screen").toBeLessThan(900);
  await expect(figures.getByRole("link", { name: /^Phone/ })).toHaveAttribute("href", "/nodes?kind=backend");
  await expect(figures.getByRole("link", { name: /accepting/ }).first()).toHaveAttribute("href", "/nodes?kind=backend&status=online");

  const line = figures.getByRole("img", { name: /^Live conversations/ });
  const drawn = () => line.locator("path").first().getAttribute("d");
  await expect.poll(drawn, { message: "two steps are drawn", timeout: 30_000 }).toMatch(/^M.*L/);
  const read = await api.get<{ cluster: { conversations: { phone: number | null } } }>("/api/v1/overview");
  expect(read.cluster.conversations.phone, "the API knows them too").not.toBeNull();

  await test.step("no backend reports for a step: no data is a gap and never 0", async () => {
    await backend.process?.kill();
    const sum = figures.getByRole("heading", { name: /^Live conversations/ }).locator("..").locator(".big");
    await expect(sum).toHaveText(/—/, { timeout: 10_000 });
    // A step that has begun may still be filled: two of them leave a whole one behind.
    await expect(line).toHaveAccessibleName(/No data for [2-9]0 s/, { timeout: 35_000 });
    backend.process = await server.startNode(backend.file, ["--calls", "demo"]);
    await expect(sum).not.toHaveText(/—/, { timeout: 10_000 });
    // The line begins anew behind the gap.
    await expect.poll(async () => ((await drawn()) ?? "").split("M").length - 1, { timeout: 30_000 }).toBeGreaterThan(1);
  });

  await test.step("another range is in the address", async () => {
    await page.getByRole("group", { name: "Range of the small charts" }).getByRole("button", { name: "1 h", exact: true }).click();
    await expect(page).toHaveURL(/[?&]range=1h/);
    await expect(line).toHaveAccessibleName(/1 h/);
    await page.goBack();
    await expect(page).not.toHaveURL(/range=/);
  });

  await test.step("the figures for the ear, once, when asked", async () => {
    await page.getByRole("button", { name: "Read figures" }).click();
    await expect(page.getByRole("status").filter({ hasText: /live conversations, .* of 1 backends/ })).toHaveCount(1);
  });
  await expect(page.getByRole("region", { name: "Recent activity" }).getByRole("listitem").first()).toBeVisible();
  await expectAccessible(page, "a dashboard with figures");
});

test("one region of the dashboard, and regions by filter, are in the address", async ({ page, server, api }) => {
  const other = await api.createRegion("DE", `filter-${await freePort()}`);
  await signedIn(page, server);
  await page.goto("/dashboard");
  await page.getByRole("combobox", { name: "Region" }).selectOption(other);
  await expect(page).toHaveURL(new RegExp(`[?&]region=${other}`));
  const figures = page.getByRole("region", { name: "Key figures" });
  await expect(figures).toContainText("No backend is registered yet.");
  await expect(page.getByRole("region", { name: "Regions" }).getByRole("article")).toHaveCount(1);
  await page.goBack();
  await expect(page.getByRole("region", { name: "Regions" }).getByRole("article")).toHaveCount(2);

  await page.goto("/regions");
  const cards = page.getByRole("main").getByRole("article");
  await expect(cards).toHaveCount(2);
  await page.getByRole("searchbox").fill("germ");
  await expect(cards).toHaveCount(1);
  await expect(page).toHaveURL(/[?&]q=germ/);
  await page.getByRole("searchbox").fill("ألمانيا");
  await expect(page).toHaveURL(/q=%D8/);
  await expect(cards).toHaveCount(1);
  await page.getByRole("searchbox").fill("");
  await expect(page).not.toHaveURL(/[?&]q=/);
  await page.getByRole("combobox", { name: "Status" }).selectOption("empty");
  await expect(cards).toHaveCount(1);
  await expect(cards.first()).toContainText(other);
  await page.getByRole("button", { name: "Table", exact: true }).click();
  await expect(page).toHaveURL(/status=empty/);
  await expect(page).toHaveURL(/view=table/);
  const row = page.getByRole("row").filter({ hasText: other });
  await expect(row).toBeVisible();
  await expectAccessible(page, "regions as a table");
  await row.getByRole("button", { name: `More about: ${other}` }).click();
  await expect(page.getByRole("menuitem", { name: /^Add proxy/ })).toBeVisible();
  await expect(page.getByRole("menuitem", { name: /^Delete/ })).toBeDisabled();
  await expect(page.getByRole("menuitem", { name: /^Delete/ })).toContainText("disabled and has no nodes");
  await page.keyboard.press("Escape");
  await page.goBack();
  await expect(cards).toHaveCount(1);
  await page.goBack();
  await expect(cards).toHaveCount(2);

  await test.step("what the address says and nobody understands is told and ignored", async () => {
    await page.goto("/regions?status=foo&country=DE");
    await expect(page.getByText("Not known in this address, and ignored:")).toContainText("status=foo");
    await expect(cards).toHaveCount(1);
    await page.goto(`/regions/${region}/nodes?status=foo`);
    await expect(page.getByText("Not known in this address, and ignored:")).toContainText("status=foo");
    await page.goto("/dashboard?region=XX-NOWHERE&range=9y");
    await expect(page.getByText("Not known in this address, and ignored:")).toContainText("region=XX-NOWHERE, range=9y");
    await expect(page.getByRole("region", { name: "Regions" }).getByRole("article")).toHaveCount(2);
  });

  await test.step("filters that leave nothing can be taken away one by one", async () => {
    await page.goto("/regions?status=draining&country=DE");
    const chips = page.getByRole("group", { name: "Filters" });
    await expect(chips.getByRole("button")).toHaveText([/^Status: Draining/, /^Country: Germany/, /^Clear filters/]);
    await expectAccessible(page, "no region passes");
    await chips.getByRole("button", { name: "Remove filter Status: Draining" }).click();
    await expect(cards).toHaveCount(1);
    await expect(page).not.toHaveURL(/status=/);
  });

  await test.step("a mistyped region is answered with the one that was meant", async () => {
    await page.goto(`/regions/${region.slice(0, -1)}`);
    await expect(page.getByText("Did you mean")).toBeVisible();
    await page.getByRole("link", { name: region, exact: true }).click();
    await expect(heading(page, region)).toBeVisible();
    await expect(page.getByRole("region", { name: "Capacity after one more backend fails" })).toContainText("No slots would be left for");
    await expect(page.getByRole("img", { name: /^The last 24 hours/ })).toBeVisible();
    await expectAccessible(page, "a region");
    await page.goto(`/regions/${region.toLowerCase()}`);
    await expect(page).toHaveURL(new RegExp(`/regions/${region}$`));
  });
});

test("figures that rest on some of the nodes say so, here and on the region's page", async ({ page, server, api }) => {
  await signedIn(page, server);
  await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`);
  for (const path of [`/dashboard?region=${region}`, `/regions/${region}`]) {
    await page.goto(path);
    const some = page.getByText(/^from \d of \d backends$/);
    await expect(some, path).toHaveText(/^from [01] of 2 backends$/);
  }
});
