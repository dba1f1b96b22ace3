// Every page, light and dark, wide and narrow: accessible, no sideways scrolling, one heading, a title.
import type { Page } from "@playwright/test";
import { freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

const LOOKS = [
  { theme: "light", width: 1440, height: 900 },
  { theme: "dark", width: 1440, height: 900 },
  { theme: "dark", width: 390, height: 844 },
  { theme: "light", width: 390, height: 844 },
] as const;

/** A region with a proxy and a backend that were never started. */
const fleet = { region: "", node: "" };

test.beforeAll(async ({ api }) => {
  fleet.region = await api.createRegion("OM", `pages-${await freePort()}`);
  await api.createNode(fleet.region, "proxy", `127.0.0.1:${await freePort()}`, { displayName: "Pages proxy" });
  const made = await api.createNode(fleet.region, "backend", `127.0.0.1:${await freePort()}`);
  fleet.node = made.node.id;
});

/** Looks at the page as it stands in every look, and leaves a picture of each. */
async function lookAt(page: Page, name: string, title: string): Promise<void> {
  for (const { theme, width, height } of LOOKS) {
    await test.step(`${theme} ${width}`, async () => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.setViewportSize({ width, height });
      await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
      await expect(page).toHaveTitle(new RegExp(`^(\\(\\d+\\) )?${title} · Infrastructure$`));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      expect.soft(wide, `${theme} ${width}: pixels that stick out`).toBeLessThanOrEqual(0);
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect.soft(brightness(background) > 0.5, `${theme}: ${background}`).toBe(theme === "light");
      await expectAccessible(page, `${theme} ${width}`);
      await page.screenshot({ path: test.info().outputPath(`${name}-${theme}-${width}.png`), fullPage: true });
    });
  }
}

/** 0 is black, 1 is white; of `rgb(…)` or `color(srgb …)` or `oklch(…)`. */
function brightness(css: string): number {
  const numbers = (css.match(/[\d.]+/g) ?? []).map(Number);
  if (css.startsWith("oklch") || css.startsWith("oklab")) return numbers[0] ?? 0;
  const most = css.startsWith("rgb") ? 255 : 1;
  return numbers.slice(0, 3).reduce((sum, part) => sum + part, 0) / (3 * most);
}

test("sign-in", async ({ page }) => {
  await page.goto("/login");
  await expect(heading(page, "Sign in")).toBeVisible();
  await lookAt(page, "login", "Sign in");
});

/** Name, path, heading, title. The path is a function where it names what is made above. */
const PAGES: [string, () => string, () => string | RegExp, () => string][] = [
  ["dashboard", () => "/dashboard", () => "Dashboard", () => "Dashboard"],
  ["regions", () => "/regions", () => "Regions", () => "Regions"],
  ["add a region", () => "/regions/new", () => "Add region", () => "Add region"],
  ["region", () => `/regions/${fleet.region}`, () => fleet.region, () => fleet.region],
  ["add a proxy", () => `/regions/${fleet.region}/nodes/new?kind=proxy`, () => "Add proxy", () => "Add proxy"],
  ["add a backend", () => `/regions/${fleet.region}/nodes/new?kind=backend`, () => "Add backend", () => "Add backend"],
  ["nodes", () => "/nodes", () => "Nodes", () => "Nodes"],
  ["node", () => `/nodes/${fleet.node}`, () => /^127\.0\.0\.1/, () => "127\\.0\\.0\\.1:\\d+"],
  ["connect, later", () => `/nodes/${fleet.node}/connect`, () => "Connect the server", () => "Connect the server"],
  ["help", () => "/help", () => "Help", () => "Help"],
  ["an address without a page", () => "/no/such/page", () => "Page not found", () => "Page not found"],
  ["a region that is not there", () => "/regions/XX-NOWHERE", () => "Region not found", () => "XX-NOWHERE"],
  ["a node that is not there", () => "/nodes/nonsense", () => "Node not found", () => "Node not found"],
];

for (const [name, path, h1, title] of PAGES) {
  test(name, async ({ page, server }) => {
    await signedIn(page, server);
    await page.goto(path());
    await expect(heading(page, h1())).toBeVisible();
    await expect(pill(page)).toHaveText("Live");
    await lookAt(page, name.replace(/\W+/g, "-"), title());
  });
}

test("connect, with the secret", async ({ page, server }) => {
  await signedIn(page, server);
  await page.goto(`/regions/${fleet.region}/nodes/new?kind=proxy`);
  await page.getByRole("textbox", { name: "Endpoint" }).fill(`127.0.0.1:${await freePort()}`);
  await page.getByRole("button", { name: "Register node" }).click();
  await expect(heading(page, "Connect the server")).toBeVisible();
  await page.getByRole("button", { name: "Reveal" }).click();
  await lookAt(page, "connect", "Connect the server");
});

test("a theme that was chosen stays", async ({ page, server }) => {
  await signedIn(page, server);
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/help");
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await expect.poll(async () => brightness(await background())).toBeLessThan(0.5);
  await page.reload();
  await expect(heading(page, "Help")).toBeVisible();
  expect(brightness(await background())).toBeLessThan(0.5);
});
