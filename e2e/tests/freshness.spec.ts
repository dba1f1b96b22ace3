// How far the page can be believed: it says when the server is away or silent, and comes back by itself.
import { SlowLine } from "../support/slow-line.ts";
import { clock, paintedAt, watchPaint } from "../support/painted.ts";
import { freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";
import { mark, marked } from "../support/watch.ts";

test("the server goes away and comes back", async ({ page, server, api, guard }) => {
  const region = await api.createRegion("DE", `fresh-${await freePort()}`);
  await signedIn(page, server);
  await page.goto(`/regions/${region}/nodes/new?kind=backend`);
  await expect(pill(page)).toHaveText("Live");
  await mark(page);
  const endpoint = page.getByRole("textbox", { name: "Endpoint" });
  await endpoint.fill("10.0.0.5:5002");
  const form = await page.context().newPage();
  guard.watch(form, server.url);
  await form.goto("/regions/new");
  await expect(pill(form)).toHaveText("Live");
  await mark(form);
  await form.getByRole("textbox", { name: "Region name" }).fill("kept-as-typed");
  const dashboard = await page.context().newPage();
  guard.watch(dashboard, server.url);
  await dashboard.goto("/dashboard");
  await expect(pill(dashboard)).toHaveText("Live");
  await mark(dashboard);
  await expect(dashboard.getByText(/· as of \d\d:\d\d:\d\d/).first()).toBeHidden();

  await guard.expecting(/net::ERR_|status of 503/, async () => {
    await server.down();
    for (const tab of [page, form, dashboard]) {
      await expect(pill(tab)).toHaveText("Disconnected", { timeout: 20_000 });
    }
    await expect(dashboard.getByText(/^Disconnected since \d\d:\d\d:\d\d\.$/)).toBeVisible();
    await expect(dashboard.getByText(/^Disconnected since .* may be wrong\. Actions are off until/)).toBeVisible();
    await expect(dashboard.getByText(/· as of \d\d:\d\d:\d\d/).first()).toBeVisible();
    await expect(dashboard.getByRole("button", { name: "Retry now" })).toBeVisible();

    const reason = /The console is disconnected; you would act on data from \d\d:\d\d:\d\d\./;
    const add = dashboard.getByRole("link", { name: "Add region" }).first();
    await expect(add).toBeDisabled();
    await expect(add).toHaveAccessibleDescription(reason);
    for (const [tab, name] of [[page, "Register node"], [form, "Create region"]] as const) {
      const button = tab.getByRole("button", { name });
      await expect(button).toBeDisabled();
      await expect(button).toHaveAccessibleDescription(reason);
    }
    await expectAccessible(dashboard, "dashboard, disconnected");
    await expectAccessible(page, "form, disconnected");
    // Without a server the console still leads from page to page.
    await dashboard.getByRole("link", { name: "Help" }).click();
    await expect(heading(dashboard, "Help")).toBeFocused();

    await server.up();
    for (const tab of [page, form, dashboard]) await expect(pill(tab)).toHaveText("Live", { timeout: 15_000 });
  });

  await expect(endpoint).toHaveValue("10.0.0.5:5002");
  await expect(page.getByRole("button", { name: "Register node" })).toBeEnabled();
  await expect(form.getByRole("textbox", { name: "Region name" })).toHaveValue("kept-as-typed");
  await expect(form.getByRole("button", { name: "Create region" })).toBeEnabled();
  for (const tab of [page, form, dashboard]) expect(await marked(tab), "no page was loaded again").toBeDefined();
});

test("the stream falls silent while all else works", async ({ page, server, api, guard }) => {
  const line = await SlowLine.open(server);
  try {
    guard.allow(line.url);
    await signedIn(page, server);
    await page.goto(`${line.url}/dashboard`);
    await expect(pill(page)).toHaveText("Live");
    await mark(page);
    await watchPaint(page);
    const before = await clock(page);
    line.hold();
    await expect(pill(page)).toHaveText(/^Delayed \d+ s$/);
    // A tick comes every 2 s and 5 s of silence are a delay: no sooner than 3 s after the last byte could have come.
    const after = (await paintedAt(page, /^Delayed/, before)) - before;
    expect(after).toBeGreaterThan(2_500);
    expect(after).toBeLessThan(8_000);
    await expect(page.getByText(/^Data is \d+ s old\.$/)).toBeVisible();
    await expect(page.getByText(/^Data is .* Actions still work\.$/)).toBeVisible();
    await expect(page.getByRole("link", { name: "Add region" }).first()).toBeEnabled();
    await expectAccessible(page, "dashboard, delayed");

    const name = `silent-${await freePort()}`;
    const region = await api.createRegion("FR", name);
    await page.getByRole("link", { name: "Add region" }).first().click();
    await test.step("a region that this page has not heard of yet: the server's 409 is shown", async () => {
      await page.getByRole("combobox", { name: "Country" }).fill("France");
      await page.getByRole("textbox", { name: "Region name" }).fill(name);
      await expect(page.getByText("This Region ID is free.")).toBeVisible();
      await guard.expecting(/status of 409/, async () => {
        await page.getByRole("button", { name: "Create region" }).click();
        await expect(page.getByRole("alert").filter({ hasText: `${region} already exists.` })).toBeFocused();
      });
      await expect(page.getByRole("textbox", { name: "Region name" })).toHaveAccessibleDescription(/already exists/);
      await expect(page.getByText(`${region} already exists.`).first()).toBeVisible();
    });

    line.release();
    await expect(pill(page)).toHaveText("Live", { timeout: 15_000 });
    expect(await marked(page), "the page was not loaded again").toBeDefined();
  } finally {
    // The page goes first, or it would see its connections break.
    await page.close();
    await line.close();
  }
});
