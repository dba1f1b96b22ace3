// Every address, in both languages: one load each; theme and width are switched in place. Full axe in light at 1440,
// contrast again in dark, sizes of targets and reflow at 390, reflow at 320 (which is 400 % of 1280). Pictures of all.
import type { Page } from "@playwright/test";
import { type Language, axe, background, expectReflow, foreignWords, settled, speak } from "../support/looks.ts";
import { noteCookie, noteReply } from "../support/canary.ts";
import { eventually, freePort } from "../support/processes.ts";
import { Receiver } from "../support/receiver.ts";
import { ADMIN, type Server } from "../support/server.ts";
import { Store } from "../support/store.ts";
import { expect, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "routes" });

/** A region with storage, a proxy and a backend that were never started and a backend with calls; and what they left. */
const fleet = { region: "", node: "", live: "", name: "", entry: "", run: "", problem: "", admin: "" };
/** A webhook that delivers, one that fails, one that is off; and a delivery of the second. */
const hooks = { fine: "", failing: "", off: "", delivery: "" };
let store: Store | undefined;
let receiver: Receiver | undefined;

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
  const people = await api.get<{ items: { id: string }[] }>("/api/v1/users");
  fleet.admin = String(people.items[0]?.id);
  const send = await administrator(server);
  await makeTokens(send);
  await makeWebhooks(send);
  fleet.entry = String(items[0]?.id);
  fleet.problem = await eventually("a problem is open", 10_000, async () => {
    const open = await api.get<{ items: { id: string }[] }>("/api/v1/problems");
    return open.items[0]?.id;
  });
});

type Send = <T>(method: string, path: string, body?: object) => Promise<T>;

/** What an administrator sends from a browser. */
async function administrator(server: Server): Promise<Send> {
  const origin = { origin: server.url, "content-type": "application/json" };
  const login = await fetch(`${server.url}/api/v1/auth/login`, {
    method: "POST",
    headers: origin,
    body: JSON.stringify(ADMIN),
  });
  const session = login.headers.get("set-cookie")?.split(";")[0] ?? "";
  noteCookie(session);
  return async <T>(method: string, path: string, body?: object) => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const reply = await fetch(`${server.url}${path}`, { method, headers: { ...origin, cookie: session }, ...sent });
    const text = await reply.text();
    expect(reply.ok, `${method} ${path}: ${text}`).toBe(true);
    noteReply(`${method} ${path}`, text);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  };
}

/** Tokens of every kind: one that ends soon, one without an end, one that was revoked. */
async function makeTokens(send: Send): Promise<void> {
  await send("POST", "/api/v1/tokens", { name: "grafana", scope: "read" });
  await send("POST", "/api/v1/tokens", {
    name: "ci-deploy",
    scope: "operate",
    regionScope: [fleet.region],
    expiresInDays: 7,
    networks: ["127.0.0.0/8"],
  });
  const made = { name: "old-ansible", scope: "admin", expiresInDays: 90 };
  const old = await send<{ token: { id: string } }>("POST", "/api/v1/tokens", made);
  await send("DELETE", `/api/v1/tokens/${old.token.id}`);
}

/** Webhooks in every state, with what they sent. */
async function makeWebhooks(send: Send): Promise<void> {
  receiver = await Receiver.start();
  const all = "/api/v1/webhooks";
  const make = async (name: string, more: object): Promise<string> => {
    const url = `${receiver?.url}/services/T02AB/B07/a-long-path-as-chats-have-it`;
    const put = { name, url, events: ["problem.opened", "problem.cleared"], ...more };
    return (await send<{ webhook: { id: string } }>("POST", all, put)).webhook.id;
  };
  const told = ["problem.opened", "lifecycle.liveness", "lifecycle.intent", "lifecycle.drain", "lifecycle.storage"];
  hooks.fine = await make("On call", {});
  hooks.failing = await make("Chat of the night shift", { events: told, regionIds: [fleet.region] });
  hooks.off = await make("Ticket system", { enabled: false });
  await send("POST", `${all}/${hooks.fine}/test`);
  receiver.status = 500;
  const failed = await send<{ delivery: { id: string } }>("POST", `${all}/${hooks.failing}/test`);
  hooks.delivery = failed.delivery.id;
}

test.afterAll(async () => {
  await store?.end();
  await receiver?.end();
});

/** A page: its name, its path, and its title in English as a pattern. All but the name may tell of what is made above. */
type Shown = [string, () => string, () => string];

const PAGES: Shown[] = [
  ["dashboard", () => "/dashboard", () => "Dashboard"],
  ["dashboard, an hour", () => "/dashboard?range=1h", () => "Dashboard"],
  ["problem", () => `/problems/${encodeURIComponent(fleet.problem)}`, () => ".+"],
  ["regions", () => "/regions", () => "Regions"],
  ["regions as a table", () => "/regions?view=table", () => "Regions"],
  ["add a region", () => "/regions/new", () => "Add region"],
  ["region", () => `/regions/${fleet.region}`, () => fleet.region],
  ["region nodes", () => `/regions/${fleet.region}/nodes`, () => `Nodes of ${fleet.region}`],
  ["region storage", () => `/regions/${fleet.region}/storage`, () => `S3 storage of ${fleet.region}`],
  ["region activity", () => `/regions/${fleet.region}/activity`, () => `Activity of ${fleet.region}`],
  ["region settings", () => `/regions/${fleet.region}/settings`, () => `Settings of ${fleet.region}`],
  ["region diagnosis", () => `/regions/${fleet.region}/diagnose?kind=proxy`, () => ".+"],
  ["add a proxy", () => `/regions/${fleet.region}/nodes/new?kind=proxy`, () => "Add proxy"],
  ["add a backend", () => `/regions/${fleet.region}/nodes/new?kind=backend`, () => "Add backend"],
  ["nodes", () => "/nodes", () => "Nodes"],
  ["nodes, filtered", () => "/nodes?status=online&sort=-cpu", () => "Nodes"],
  ["unregistered nodes", () => "/nodes/unregistered", () => "Unregistered nodes"],
  ["node, never seen", () => `/nodes/${fleet.node}`, () => "127\\.0\\.0\\.1:\\d+"],
  ["node", () => `/nodes/${fleet.live}`, () => fleet.name],
  ["node metrics", () => `/nodes/${fleet.live}/metrics`, () => `Metrics of ${fleet.name}`],
  ["node activity", () => `/nodes/${fleet.live}/activity`, () => `Activity of ${fleet.name}`],
  ["node settings", () => `/nodes/${fleet.live}/settings`, () => `Settings of ${fleet.name}`],
  ["node diagnosis", () => `/nodes/${fleet.node}/diagnose`, () => ".+"],
  ["connect, later", () => `/nodes/${fleet.node}/connect`, () => "Connect the server"],
  ["activity", () => "/activity", () => "Activity"],
  ["an entry of the activity", () => `/activity/${fleet.entry}`, () => "Entry of Activity"],
  ["frontend node", () => "/frontend", () => "Frontend node"],
  ["settings, general", () => "/settings/general", () => ".+"],
  ["platform maintenance", () => "/settings/maintenance", () => "Platform maintenance"],
  ["appearance", () => "/settings/appearance", () => "Appearance"],
  ["security", () => "/settings/security", () => "Security"],
  ["users", () => "/users", () => "Users & roles"],
  ["invite", () => "/users/invite", () => "Invite"],
  ["own account", () => `/users/${fleet.admin}`, () => "admin@localhost"],
  ["an account that is not there", () => "/users/nobody", () => "Users & roles"],
  ["tokens", () => "/tokens", () => "API tokens"],
  ["a new token", () => "/tokens/new", () => "New token"],
  ["webhooks", () => "/webhooks", () => "Webhooks"],
  ["a new webhook", () => "/webhooks/new", () => "New webhook"],
  ["webhook", () => `/webhooks/${hooks.fine}`, () => "On call"],
  ["webhook that fails", () => `/webhooks/${hooks.failing}`, () => "Chat of the night shift"],
  ["webhook that is off", () => `/webhooks/${hooks.off}`, () => "Ticket system"],
  ["edit a webhook", () => `/webhooks/${hooks.failing}/edit`, () => "Edit Chat of the night shift"],
  ["delivery", () => `/webhooks/${hooks.failing}/deliveries/${hooks.delivery}`, () => "Delivery of Chat.*"],
  ["about", () => "/settings/about", () => "About"],
  ["background, none", () => "/background", () => "Background node"],
  ["background, none yet", () => "/background/config", () => "Configuration of Background node"],
  ["help", () => "/help", () => "Help"],
  ["help, why zero", () => "/help/why-zero", () => ".+"],
  ["help, shortcuts", () => "/help/shortcuts", () => ".+"],
  ["help, statuses", () => "/help/statuses", () => ".+"],
  ["help, lifecycle", () => "/help/lifecycle", () => ".+"],
  ["help, region ids", () => "/help/region-ids", () => ".+"],
  ["help, roles", () => "/help/roles", () => ".+"],
  ["help, the API", () => "/help/api", () => ".+"],
  ["an address without a page", () => "/no/such/page", () => "Page not found"],
  ["a region that is not there", () => "/regions/XX-NOWHERE", () => "XX-NOWHERE"],
  ["a node that is not there", () => "/nodes/nonsense", () => "Node not found"],
];

const BACKGROUND: Shown[] = [
  ["background", () => "/background", () => "Background node"],
  ["background jobs", () => "/background/jobs", () => "Jobs of Background node"],
  ["background job", () => "/background/jobs/cleanup", () => "Clean.* of Background node"],
  ["background run", () => `/background/jobs/cleanup/runs/${fleet.run}`, () => "Run of Clean.*"],
  ["background configuration", () => "/background/config", () => "Configuration of Background node"],
  ["background metrics", () => "/background/metrics", () => "Metrics of Background node"],
];

/** Leaves a picture among the test's results. */
async function picture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: test.info().outputPath(`${name}.png`), fullPage: true });
}

/** Looks at the page as it stands in every theme and width. */
async function lookAt(page: Page, language: Language, name: string, title: string): Promise<void> {
  const file = `${name.replace(/\W+/g, "-")}-${language}`;
  await expect(page.locator("html")).toHaveAttribute("lang", language);
  await expect(page.locator("html")).toHaveAttribute("dir", language === "ar" ? "rtl" : "ltr");
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
  if (language === "en") await expect(page).toHaveTitle(new RegExp(`^(\\(\\d+\\) )?${title} · Infrastructure$`));
  else {
    await expect(page).toHaveTitle(/[\u0600-\u06ff]/);
    expect.soft(await foreignWords(page), "not Arabic").toEqual([]);
  }
  await expect.poll(() => background(page), "light").toBeGreaterThan(0.5);
  await expectReflow(page, "1440");
  await axe(page, "light, 1440");
  await picture(page, `${file}-light-1440`);

  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  // The colours follow a moment after the theme.
  await expect.poll(() => background(page), "dark").toBeLessThan(0.5);
  await axe(page, "dark, 1440", ["color-contrast"]);
  await picture(page, `${file}-dark-1440`);

  await page.setViewportSize({ width: 390, height: 844 });
  await expectReflow(page, "390");
  await axe(page, "dark, 390", ["target-size", "scrollable-region-focusable"]);
  await picture(page, `${file}-dark-390`);
  await page.setViewportSize({ width: 320, height: 640 });
  await expectReflow(page, "320");
}

/** Opens a page in its first look. */
async function open(page: Page, language: Language, path: string): Promise<void> {
  await speak(page, language);
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(path);
}

function look(language: Language, [name, path, title]: Shown): void {
  test(`${name}, ${language}`, async ({ page, server }) => {
    await signedIn(page, server);
    await open(page, language, path());
    await settled(page);
    await lookAt(page, language, name, title());
  });
}

const LANGUAGES: Language[] = ["en", "ar"];

for (const language of LANGUAGES) {
  test(`a link that does not work, ${language}`, async ({ page, guard }) => {
    await open(page, language, "/welcome");
    await expect(page.getByRole("link")).not.toHaveCount(0);
    await lookAt(page, language, "welcome-none", "The link is not complete");
    await guard.expecting(/410/, async () => {
      await page.goto("/login");
      await page.goto("/welcome#iqi_nothing");
      await expect(page.locator("main a.btn")).toBeVisible();
    });
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    await page.setViewportSize({ width: 1440, height: 900 });
    await lookAt(page, language, "welcome-gone", "This link does not work any more");
  });
  test(`sign-in, ${language}`, async ({ page }) => {
    await open(page, language, "/login");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await lookAt(page, language, "login", "Sign in");
  });
  for (const shown of PAGES) look(language, shown);
}

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
  for (const language of LANGUAGES) for (const shown of BACKGROUND) look(language, shown);
});

for (const language of LANGUAGES) {
  test(`connect, with the secret, ${language}`, async ({ page, server }) => {
    await signedIn(page, server);
    await open(page, language, `/regions/${fleet.region}/nodes/new?kind=proxy`);
    await settled(page);
    await page.locator("form input[type=text]").first().fill(`127.0.0.1:${await freePort()}`);
    await page.locator("main form button[type=submit]").click();
    await expect(page).toHaveURL(/\/connect$/);
    await page.locator("main button[aria-pressed=false]:visible").first().click();
    await settled(page);
    await lookAt(page, language, "connect", "Connect the server");
  });
}

test("a theme that was chosen stays", async ({ page, server }) => {
  await signedIn(page, server);
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/help");
  await expect(pill(page)).toHaveText("Live");
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  await expect.poll(() => background(page)).toBeLessThan(0.5);
  await page.reload();
  await expect(heading(page, "Help")).toBeVisible();
  expect(await background(page)).toBeLessThan(0.5);
});
