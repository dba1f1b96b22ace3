// Where one is and how one gets back: titles, paths, history, slips, the panel of the phone, dialogs, messages, paper.
import type { Page } from "@playwright/test";
import { eventually, freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "navigation" });

const made = { region: "", node: "", name: "", entry: "" };

test.beforeAll(async ({ api }) => {
  made.region = await api.createRegion("OM", `way-${await freePort()}`);
  for (let i = 0; i < 30; i += 1) {
    const name = `Way ${String(i).padStart(2, "0")}`;
    const kind = i % 2 === 0 ? "backend" : "proxy";
    const { node } = await api.createNode(made.region, kind, `10.77.0.${i + 1}:5002`, { displayName: name });
    if (name === "Way 24") Object.assign(made, { node: node.id, name });
  }
  const { items } = await api.get<{ items: { id: string }[] }>("/api/v1/activity");
  made.entry = String(items[0]?.id);
});

test.beforeEach(async ({ page, server }) => await signedIn(page, server));

/** Opens an address within the page that is loaded, as Back and Forward do. */
async function open(page: Page, address: string): Promise<void> {
  await page.evaluate((to) => {
    history.pushState(null, "", to);
    dispatchEvent(new PopStateEvent("popstate"));
  }, address);
}

/** The steps of the path above the heading. */
function path(page: Page) {
  return page.getByRole("navigation", { name: "Breadcrumb" });
}

test("every page has a title, one heading and a path", async ({ page }) => {
  test.setTimeout(120_000);
  const pages: [string, RegExp][] = [
    ["/dashboard", /Dashboard/],
    ["/regions", /Regions/],
    ["/regions/new", /Add region/],
    [`/regions/${made.region}`, /OM-WAY/],
    [`/regions/${made.region}/nodes`, /OM-WAY/],
    [`/regions/${made.region}/storage`, /S3 storage of OM-WAY/],
    [`/regions/${made.region}/activity`, /Activity of OM-WAY/],
    [`/regions/${made.region}/settings`, /Settings of OM-WAY/],
    [`/regions/${made.region}/diagnose?kind=proxy`, /./],
    [`/regions/${made.region}/nodes/new?kind=proxy`, /Add proxy/],
    ["/nodes", /Nodes/],
    ["/nodes/unregistered", /Unregistered nodes/],
    [`/nodes/${made.node}`, /Way 24/],
    [`/nodes/${made.node}/metrics`, /Metrics of Way 24/],
    [`/nodes/${made.node}/activity`, /Activity of Way 24/],
    [`/nodes/${made.node}/settings`, /Settings of Way 24/],
    [`/nodes/${made.node}/diagnose`, /Way 24/],
    [`/nodes/${made.node}/connect`, /Connect the server/],
    ["/frontend", /Frontend node/],
    ["/background", /Background node/],
    ["/background/jobs", /Jobs of Background node/],
    ["/background/config", /Configuration of Background node/],
    ["/background/metrics", /Metrics of Background node/],
    ["/activity", /Activity/],
    [`/activity/${made.entry}`, /Entry/],
    ["/settings", /General/],
    ["/settings/general", /General/],
    ["/settings/maintenance", /Platform maintenance/],
    ["/settings/appearance", /Appearance/],
    ["/settings/about", /About/],
    ["/help", /Help/],
    ["/help/why-zero", /Why 0\/N/],
    ["/help/statuses", /Statuses/],
    ["/help/lifecycle", /Maintenance, disable/],
    ["/help/region-ids", /Region IDs/],
    ["/help/shortcuts", /Keyboard shortcuts/],
    ["/help/api", /API/],
    ["/no/such/page", /Page not found/],
  ];
  await page.goto("/dashboard");
  await expect(pill(page)).toHaveText("Live");
  for (const [address, title] of pages) {
    await open(page, address);
    await expect.soft(page, address).toHaveTitle(new RegExp(`^(\\(\\d+\\) )?.*(${title.source}).* · Infrastructure$`));
    await expect.soft(page.getByRole("heading", { level: 1 }), address).toHaveCount(1);
    await expect.soft(path(page).getByRole("link", { name: "Infrastructure" }), address).toBeVisible();
    await expect.soft(path(page).locator("[aria-current=page]"), address).toHaveCount(1);
  }
});

test("Back restores filter, scrolling and focus; the path leads back to the filtered list", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 600 });
  await page.goto("/nodes");
  await expect(pill(page)).toHaveText("Live");
  await page.getByRole("searchbox").first().fill("way");
  await expect(page).toHaveURL(/q=way/);
  const link = page.getByRole("link", { name: made.name, exact: true });
  // Rows are made when they come into sight.
  await page.mouse.move(640, 450);
  await expect(async () => {
    await page.mouse.wheel(0, 200);
    await expect(link).toBeInViewport({ timeout: 300 });
  }).toPass({ timeout: 20_000 });
  const where = () =>
    page.evaluate(() => ({
      page: scrollY,
      box: Math.max(0, ...[...document.querySelectorAll("[data-scroll]")].map((e) => e.scrollTop)),
    }));
  await expect.poll(async () => { const at = await where(); return at.page + at.box; }).toBeGreaterThan(100);
  await link.focus();
  let before = { page: -1, box: -1 };
  // The list may glide on for a moment after the wheel has stopped.
  const still = async () => {
    const [then, now] = [before, await where()];
    before = now;
    return then.page === now.page && then.box === now.box;
  };
  await expect.poll(still, { message: "nothing scrolls any more", intervals: [200] }).toBe(true);
  await page.keyboard.press("Enter");
  await expect(heading(page, made.name)).toBeFocused();
  await expect.poll(async () => (await where()).page).toBe(0);

  await page.goBack();
  await expect(page).toHaveURL(/\/nodes\?.*q=way/);
  await expect(page.getByRole("searchbox").first()).toHaveValue("way");
  await expect(link).toBeFocused();
  await expect.poll(where).toEqual(before);

  await page.goForward();
  await expect(heading(page, made.name)).toBeFocused();
  await test.step("the neighbours in that list", async () => {
    await page.keyboard.press("]");
    await expect(heading(page, made.name)).toHaveCount(0);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Way/);
    await page.keyboard.press("[");
    await expect(heading(page, made.name)).toBeFocused();
  });
  await test.step("a list one came from by its filters", async () => {
    await open(page, "/regions?q=way");
    await expect(page.getByRole("searchbox").first()).toHaveValue("way");
    await open(page, `/regions/${made.region}/activity`);
    await expect(path(page).getByRole("link", { name: "Regions", exact: true })).toHaveAttribute("href", "/regions?q=way");
  });
});

test("a slip in the address is put right", async ({ page }) => {
  await page.goto("/nods");
  await expect(heading(page, "Page not found")).toBeVisible();
  await page.getByRole("list", { name: "Did you mean" }).getByRole("link", { name: "Nodes", exact: true }).click();
  await expect(heading(page, "Nodes")).toBeFocused();
  await open(page, `/regions/${made.region}/nonsense`);
  await expect(page.getByRole("list", { name: "Did you mean" }).getByRole("link")).toHaveAttribute("href", `/regions/${made.region}`);
  await page.getByRole("button", { name: "Search the console" }).click();
  await expect(page.getByRole("dialog", { name: "Search and commands" })).toBeVisible();
});

test("the navigation on a phone is a panel", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/dashboard");
  await expect(pill(page)).toBeVisible();
  const menu = page.getByRole("button", { name: "Menu", exact: true });
  await menu.focus();
  await page.keyboard.press("Enter");
  const panel = page.getByRole("dialog", { name: "Menu" });
  await expect(panel).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(menu).toBeFocused();
  await page.keyboard.press("Enter");
  await panel.getByRole("link", { name: "Settings" }).click();
  await expect(panel).toBeHidden();
  await expect(heading(page, "General")).toBeFocused();
});

test("a dialog with a name to type: keys, what is typed, and where the button is", async ({ page, api }) => {
  await page.goto(`/nodes/${made.node}`);
  await expect(pill(page)).toHaveText("Live");
  const trigger = page.getByRole("button", { name: "Disable…", exact: true });
  const under = await trigger.boundingBox();
  await trigger.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: `Disable node ${made.name}` });
  const typed = dialog.getByRole("textbox", { name: /^Type .+ to confirm/ });
  await expect(typed).toBeFocused();
  for (const [name, value] of [["autocomplete", "off"], ["autocapitalize", "off"], ["spellcheck", "false"], ["translate", "no"], ["dir", "ltr"]] as const) {
    await expect(typed).toHaveAttribute(name, value);
  }
  const submit = dialog.locator("button[type=submit]");
  const at = await submit.boundingBox();
  const apart = !under || !at || at.x >= under.x + under.width || at.x + at.width <= under.x || at.y >= under.y + under.height || at.y + at.height <= under.y;
  expect(apart, "the button is not where the trigger was").toBe(true);

  await test.step("typed text is not lost by Escape, however often, or by a press beside it", async () => {
    await page.keyboard.type("Way 2");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await expect(dialog.getByText(/^What you typed would be lost/)).toBeVisible();
    await page.mouse.click(5, 300);
    await expect(dialog).toBeVisible();
  });
  await test.step("Enter with the wrong name says so and does nothing", async () => {
    await dialog.getByRole("textbox", { name: "Reason" }).fill("Retired");
    await typed.focus();
    await page.keyboard.press("Enter");
    await expect(dialog.getByRole("alert")).toContainText("Type the name first");
    await expect(typed).toBeFocused();
    expect((await api.get<{ intent: { state: string } }>(`/api/v1/nodes/${made.node}`)).intent.state).toBe("active");
  });
  await test.step("a name that differs is said when the field is left", async () => {
    await typed.fill("Way 25");
    await page.keyboard.press("Tab");
    await expect(dialog.getByText("This is not the name. Type Way 24 exactly.").first()).toBeVisible();
    await typed.fill("");
    await dialog.getByRole("textbox", { name: "Reason" }).fill("");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    await expect(trigger).toBeFocused();
  });
});

test("ending maintenance is undone by one press", async ({ page, api }) => {
  const state = async () => (await api.get<{ intent: { state: string } }>(`/api/v1/nodes/${made.node}`)).intent.state;
  await page.goto(`/nodes/${made.node}`);
  await expect(pill(page)).toHaveText("Live");
  await page.getByRole("button", { name: "Maintenance…", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: /^Turn on maintenance/ });
  await dialog.getByRole("textbox", { name: "Reason" }).fill("Looking after it");
  await expect(dialog.getByText(/^It reaches/)).toBeVisible();
  await dialog.locator("button[type=submit]").click();
  await expect(dialog).toBeHidden();
  await page.getByRole("button", { name: "End maintenance" }).click();
  const messages = page.getByRole("region", { name: "Messages" });
  await expect(messages).toContainText("takes calls again");
  await eventually("it is active", 10_000, async () => ((await state()) === "active" ? true : undefined));
  await page.keyboard.press("F6");
  await expect(messages).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(messages.getByRole("button", { name: "Undo" })).toBeFocused();
  await page.keyboard.press("Enter");
  await eventually("it is in maintenance again", 10_000, async () => ((await state()) === "maintenance" ? true : undefined));
  const { intent } = await api.get<{ intent: { privateReason: string } }>(`/api/v1/nodes/${made.node}`);
  expect(intent.privateReason).toBe("Looking after it");
});

test("paper: no frame, black on white, words, the time of the figures", async ({ page }) => {
  for (const [address, name] of [["/nodes", "Nodes"], ["/dashboard", "Dashboard"], ["/activity", "Activity"]] as const) {
    await page.emulateMedia({ media: "screen" });
    await page.goto(address);
    await expect(heading(page, name)).toBeVisible();
    await expect(pill(page)).toHaveText("Live");
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await expect(page.locator("header.top")).toBeHidden();
    await expect(page.locator("nav.nav").first()).toBeHidden();
    await expect(page.locator(".btn:visible, .main input:visible, .main select:visible")).toHaveCount(0);
    await expect(heading(page, name)).toBeVisible();
    await expect(page.locator(".printed")).toBeVisible();
    await expect(page.locator(".printed")).toHaveText(/Figures as of .*\d/);
    await expect(page.locator("body")).toHaveCSS("background-color", "rgb(255, 255, 255)");
  }
  await page.emulateMedia({ media: "screen" });
  await page.goto("/nodes");
  await expect(page.locator("tbody [data-status]").first()).toBeVisible();
  await page.emulateMedia({ media: "print" });
  await expect(page.locator("tbody [data-status]").first()).toHaveText(/Never seen/);
  await expect(page.locator("thead").first()).toHaveCSS("display", "table-header-group");
});
