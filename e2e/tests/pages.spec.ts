// Every page, light and dark, wide and narrow: accessible, no sideways scrolling, one heading, a title.
import type { Page } from "@playwright/test";
import { eventually, freePort } from "../support/processes.ts";
import { Store } from "../support/store.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

const LOOKS = [
  { theme: "light", width: 1440, height: 900 },
  { theme: "dark", width: 1440, height: 900 },
  { theme: "dark", width: 390, height: 844 },
  { theme: "light", width: 390, height: 844 },
] as const;

test.use({ world: "pages" });

/** A region with storage, a proxy and a backend that were never started and a backend with calls; and what they left. */
const fleet = { region: "", node: "", live: "", name: "", entry: "", run: "" };
let store: Store | undefined;

test.beforeAll(async ({ api, server }) => {
  fleet.region = await api.createRegion("OM", `pages-${await freePort()}`);
  await api.createNode(fleet.region, "proxy", `127.0.0.1:${await freePort()}`, { displayName: "Pages proxy" });
  const made = await api.createNode(fleet.region, "backend", `127.0.0.1:${await freePort()}`);
  fleet.node = made.node.id;
  fleet.name = `Pages backend ${await freePort()}`;
  const more = { displayName: fleet.name, labels: { rack: "7" }, notes: "Beside the door.", maxConcurrentCalls: 25 };
  const live = await api.createNode(fleet.region, "backend", `127.0.0.1:${await freePort()}`, more);
  fleet.live = live.node.id;
  await server.startNode(live.snippet, ["--calls", "demo"]);
  store = await Store.start();
  const { access, secret } = Store.full;
  const settings = { endpoint: store.url, accessKey: access, secretKey: secret, ssl: false };
  await api.putStorage(fleet.region, settings);
  const wrong = { authorization: "Bearer iqn_nobody_has_this_secret_of_mine", "content-type": "application/json" };
  const body = JSON.stringify({ bootId: "b", seq: 1, nodeId: "stranger-1", regionId: fleet.region, kind: "proxy" });
  await fetch(`${server.url}/api/v1/node/heartbeat`, { method: "POST", headers: wrong, body });
  const { items } = await api.get<{ items: { id: string }[] }>("/api/v1/activity");
  fleet.entry = String(items[0]?.id);
});

test.afterAll(async () => await store?.end());

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
      const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      // The colours follow a moment after the theme.
      await expect.poll(async () => brightness(await background()) > 0.5, theme).toBe(theme === "light");
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

/** A page: its name, its path, its heading and its title. All but the name may tell of what is made above. */
type Shown = [string, () => string, () => string | RegExp, () => string];

const PAGES: Shown[] = [
  ["dashboard", () => "/dashboard", () => "Dashboard", () => "Dashboard"],
  ["regions", () => "/regions", () => "Regions", () => "Regions"],
  ["add a region", () => "/regions/new", () => "Add region", () => "Add region"],
  ["region", () => `/regions/${fleet.region}`, () => fleet.region, () => fleet.region],
  ["region storage", () => `/regions/${fleet.region}/storage`, () => fleet.region, () => `S3 storage of ${fleet.region}`],
  ["region activity", () => `/regions/${fleet.region}/activity`, () => fleet.region, () => `Activity of ${fleet.region}`],
  ["region settings", () => `/regions/${fleet.region}/settings`, () => fleet.region, () => `Settings of ${fleet.region}`],
  ["add a proxy", () => `/regions/${fleet.region}/nodes/new?kind=proxy`, () => "Add proxy", () => "Add proxy"],
  ["add a backend", () => `/regions/${fleet.region}/nodes/new?kind=backend`, () => "Add backend", () => "Add backend"],
  ["nodes", () => "/nodes", () => "Nodes", () => "Nodes"],
  ["unregistered nodes", () => "/nodes/unregistered", () => "Unregistered nodes", () => "Unregistered nodes"],
  ["node, never seen", () => `/nodes/${fleet.node}`, () => /^127\.0\.0\.1/, () => "127\\.0\\.0\\.1:\\d+"],
  ["node", () => `/nodes/${fleet.live}`, () => fleet.name, () => fleet.name],
  ["node metrics", () => `/nodes/${fleet.live}/metrics`, () => fleet.name, () => `Metrics of ${fleet.name}`],
  ["node activity", () => `/nodes/${fleet.live}/activity`, () => fleet.name, () => `Activity of ${fleet.name}`],
  ["node settings", () => `/nodes/${fleet.live}/settings`, () => fleet.name, () => `Settings of ${fleet.name}`],
  ["connect, later", () => `/nodes/${fleet.node}/connect`, () => "Connect the server", () => "Connect the server"],
  ["activity", () => "/activity", () => "Activity", () => "Activity"],
  ["an entry of the activity", () => `/activity/${fleet.entry}`, () => /./, () => "Entry of Activity"],
  ["frontend node", () => "/frontend", () => "Frontend node", () => "Frontend node"],
  ["platform maintenance", () => "/settings/maintenance", () => "Platform maintenance", () => "Platform maintenance"],
  ["background, none", () => "/background", () => "Background node", () => "Background node"],
  ["background, none yet", () => "/background/config", () => "Background node", () => "Configuration of Background node"],
  ["help", () => "/help", () => "Help", () => "Help"],
  ["an address without a page", () => "/no/such/page", () => "Page not found", () => "Page not found"],
  ["a region that is not there", () => "/regions/XX-NOWHERE", () => "Region not found", () => "XX-NOWHERE"],
  ["a node that is not there", () => "/nodes/nonsense", () => "Node not found", () => "Node not found"],
];

const BACKGROUND: Shown[] = [
  ["background", () => "/background", () => "Background node", () => "Background node"],
  ["background jobs", () => "/background/jobs", () => "Background node", () => "Jobs of Background node"],
  ["background job", () => "/background/jobs/cleanup", () => /^Clean/, () => "Clean.* of Background node"],
  ["background run", () => `/background/jobs/cleanup/runs/${fleet.run}`, () => /./, () => "Run of Clean.*"],
  ["background configuration", () => "/background/config", () => "Background node", () => "Configuration of Background node"],
];

function look([name, path, h1, title]: Shown): void {
  test(name, async ({ page, server }) => {
    await signedIn(page, server);
    await page.goto(path());
    await expect(heading(page, h1())).toBeVisible();
    await expect(pill(page)).toHaveText("Live");
    await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
    await lookAt(page, name.replace(/\W+/g, "-"), title());
  });
}

PAGES.forEach(look);

test.describe("with a background node", () => {
  test.beforeAll(async ({ api, server }) => {
    const port = await freePort();
    const at = { endpoint: `127.0.0.1:${port}`, generate: true };
    const { snippet } = await api.send<{ snippet: string }>("PUT", "/api/v1/background-node", at);
    await server.startNode(snippet, ["--kind", "background", "--work-dir", server.path("work")]);
    const runs = "/api/v1/background-node/jobs/cleanup/runs";
    // Refused until the node has said that it has this job.
    const run = await eventually("the job is begun", 15_000, async () =>
      api.send<{ id: string }>("POST", runs, {}).catch(() => undefined),
    );
    fleet.run = run.id;
    await eventually("the job is done", 15_000, async () => {
      const { state } = await api.get<{ state: string }>(`/api/v1/background-node/runs/${run.id}`);
      return state === "succeeded" ? true : undefined;
    });
  });
  BACKGROUND.forEach(look);
});

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
