// Webhooks: made in the browser, received by a real receiver that checks the signature itself; a receiver that fails
// and recovers, a replay, two people at one form, two secrets at a time, and what those see who may not change them.
import type { Browser, Locator, Page } from "@playwright/test";
import { addSecret, noteCookie } from "../support/canary.ts";
import { settled } from "../support/looks.ts";
import { freePort } from "../support/processes.ts";
import { Receiver, signedBy } from "../support/receiver.ts";
import { ADMIN, type Server } from "../support/server.ts";
import { type Guard, expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "webhooks", permissions: ["clipboard-read", "clipboard-write"] });

let receiver: Receiver;
const place = { region: "", node: "" };

test.beforeAll(async ({ api }) => {
  receiver = await Receiver.start();
  place.region = await api.createRegion("OM", `hooks-${await freePort()}`);
  const made = await api.createNode(place.region, "backend", `127.0.0.1:${await freePort()}`, { displayName: "told of" });
  place.node = made.node.id;
});

test.afterAll(async () => await receiver.end());

/** Reads the secret off its card as a person does. */
async function takeSecret(page: Page): Promise<string> {
  const box = page.getByRole("textbox", { name: "Signing secret" });
  await expect(box).toHaveValue(/^whsec_•/);
  await page.getByRole("button", { name: "Reveal" }).click();
  await expect(box).toHaveValue(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const secret = await box.inputValue();
  addSecret(secret, "a webhook's secret");
  return secret;
}

/** Says that the secret is stored, and goes on. */
async function stored(page: Page): Promise<void> {
  const done = page.getByRole("button", { name: "Done" });
  await expect(done).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("checkbox", { name: "I have stored it" }).check();
  await done.click();
}

/** The badge beside the heading. */
function badge(page: Page, word: string): Locator {
  return page.locator("main > .hd, main .hd").first().getByText(word, { exact: true });
}

/** Rows of the log, the newest first. */
function rows(page: Page): Locator {
  return page.getByRole("region", { name: "Deliveries" }).locator("tbody tr");
}

test("a webhook from the form to signed calls, a receiver that fails, and a replay", async ({ page, server, api, guard }) => {
  test.setTimeout(120_000);
  const intend = async (state: string) => {
    const path = `/api/v1/nodes/${place.node}`;
    const { version } = await api.get<{ version: number }>(path);
    const wish = { state, privateReason: "a test of webhooks", publicReason: null, until: null };
    await api.send("PUT", `${path}/intent`, wish, `"${version}"`);
  };
  await signedIn(page, server);
  await page.goto("/webhooks");
  await expect(page.getByRole("heading", { name: "No webhooks yet" })).toBeVisible();
  await page.getByRole("link", { name: "New webhook" }).first().click();
  await expect(heading(page, "New webhook")).toBeVisible();

  let secret = "";
  await test.step("errors stand at their fields, the page's own and the server's", async () => {
    const [name, address] = [page.getByRole("textbox", { name: "Name" }), page.getByRole("textbox", { name: "Address" })];
    const make = page.getByRole("button", { name: "Make the webhook" });
    await make.click();
    await expect(name).toHaveAttribute("aria-invalid", "true");
    await expect(address).toHaveAttribute("aria-invalid", "true");
    await name.fill("On call");
    await address.fill("ftp://hooks.example.com/x");
    await guard.expecting(/422/, async () => {
      await make.click();
      await expect(address).toHaveAttribute("aria-invalid", "true");
      await expect(name).not.toHaveAttribute("aria-invalid", "true");
    });
    await address.fill(`${receiver.url}/iqra?key=of-the-path`);
    await expect(page.getByText("Without TLS everybody on the way")).toBeVisible();
    await expect(page.getByRole("checkbox", { name: "Problem opened" })).toBeChecked();
    await page.getByRole("checkbox", { name: "Intent" }).check();
    await make.click();
  });
  await test.step("the secret is shown once, and the receiver can be tried from there", async () => {
    await expect(page.getByRole("heading", { name: "Secret of On call" })).toBeFocused();
    secret = await takeSecret(page);
    await expect(page.getByText("HMAC-SHA-256")).toBeVisible();
    await expect(page.getByRole("link", { name: "API reference" })).toBeVisible();
    await page.getByRole("button", { name: "Send a test" }).click();
    const call = await receiver.next("the test arrives", (one) => one.type === "test");
    expect(signedBy(call, secret), "signed with the secret of the page").toEqual(call.signatures);
    expect(signedBy({ ...call, body: `${call.body} ` }, secret), "of nothing else").toEqual([]);
    expect(call.path).toBe("/iqra?key=of-the-path");
    expect(call.agent).toMatch(/^iqra-infra\//);
    expect(Math.abs(Date.now() / 1_000 - Number(call.timestamp))).toBeLessThan(60);
    await expect(page.getByRole("main").getByText(/The test was taken after \d+ ms with status 204\./)).toBeVisible();
    await expectAccessible(page, "the new secret");
    await stored(page);
    await expect(heading(page, "On call")).toBeVisible();
  });

  await test.step("what happens arrives, and stands in the log", async () => {
    await settled(page);
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page).first()).toContainText("Delivered");
    await intend("maintenance");
    const call = await receiver.next("the maintenance arrives", (one) => one.type === "lifecycle.intent");
    expect(signedBy(call, secret)).toEqual(call.signatures);
    expect(call.data).toMatchObject({ nodeId: place.node, nodeName: "told of", regionId: place.region, to: "maintenance" });
    // Nothing moves under the pointer: what is new waits behind a button.
    await page.getByRole("button", { name: "1 new delivery" }).click({ timeout: 15_000 });
    await expect(rows(page)).toHaveCount(2);
    await expect(rows(page).first()).toContainText("Intent");
    await expect(rows(page).first()).toContainText(place.region);
    await expect(rows(page).first()).toContainText("Taken · 204");
    await expect(badge(page, "Delivering")).toBeVisible();
    await expectAccessible(page, "the webhook");
  });
  await test.step("a delivery by its address: attempts, and the body byte for byte", async () => {
    await rows(page).first().getByRole("link", { name: /^Intent of/ }).click();
    await expect(heading(page, "Intent")).toBeVisible();
    await expect(page.getByRole("region", { name: "Attempts" }).locator("tbody tr")).toHaveCount(1);
    await expect(page.locator("pre")).toContainText('"type": "lifecycle.intent"');
    await page.getByRole("button", { name: "Copy body" }).click();
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(copied).toContain("lifecycle.intent");
    const body = JSON.parse(await copied()) as { type: string };
    expect(body.type).toBe("lifecycle.intent");
    await expectAccessible(page, "a delivery");
    await page.goBack();
    await settled(page);
  });

  let failed = "";
  await test.step("a receiver that fails: the webhook says so, and what failed waits", async () => {
    receiver.status = 500;
    await intend("active");
    failed = (await receiver.next("the end of the maintenance is tried", (one) => one.type === "lifecycle.intent")).id;
    await page.getByRole("button", { name: "1 new delivery" }).click({ timeout: 15_000 });
    await expect(rows(page).first()).toContainText("Waiting for another attempt", { timeout: 15_000 });
    await expect(rows(page).first()).toContainText("Not taken · 500");
    await expect(badge(page, "Failing")).toBeVisible({ timeout: 15_000 });
    await expect(page.getByText("No attempt was taken since")).toBeVisible();
    await page.goto("/webhooks");
    await expect(page.getByRole("row", { name: /On call/ })).toContainText("Failing");
    await expect(page.getByRole("row", { name: /On call/ })).toContainText("Intent");
    await page.getByRole("link", { name: "On call" }).click();
  });
  await test.step("repaired, it gets the same message at once by a replay", async () => {
    const waiting = rows(page).filter({ hasText: "Waiting for another attempt" });
    await page.getByRole("combobox", { name: "State" }).selectOption("waiting");
    await expect(page).toHaveURL(/state=waiting/);
    await expect(rows(page)).toHaveCount(1);
    // Not sooner: the next attempt of the server's own would take it out of those that wait.
    receiver.status = 200;
    receiver.calls.splice(0);
    await waiting.getByRole("button", { name: /^Replay Intent of/ }).click();
    const call = await receiver.next("the replay arrives", (one) => one.type === "lifecycle.intent");
    expect(signedBy(call, secret)).toEqual(call.signatures);
    expect(call.id, "the receiver can tell that it is the same message").toBe(failed);
    await page.getByRole("combobox", { name: "State" }).selectOption("");
    const replayed = rows(page).filter({ has: page.getByText("replay", { exact: true }) });
    await expect(replayed).toContainText("Delivered", { timeout: 15_000 });
    await expect(badge(page, "Delivering")).toBeVisible({ timeout: 15_000 });
  });
  await test.step("who did what", async () => {
    await page.goto("/activity?action=webhook.");
    for (const verb of ["made a webhook", "sent a test to a webhook", "sent a message to a webhook again"]) {
      await expect(page.getByRole("row", { name: new RegExp(verb) }).first()).toContainText("On call");
    }
  });
});

test("two people at one form, off and on, two secrets at a time, and the end of a webhook", async ({
  page,
  browser,
  server,
  guard,
}) => {
  test.setTimeout(120_000);
  receiver.status = 204;
  const { id, secret } = await make(server, "Chat");
  const context = await browser.newContext({ baseURL: server.url });
  const theirs = await context.newPage();
  guard.watch(theirs, server.url);
  for (const one of [page, theirs]) {
    await signedIn(one, server);
    await one.goto(`/webhooks/${id}/edit`);
    await expect(pill(one)).toHaveText("Live");
    await expect(one.getByRole("button", { name: "Save changes" })).toHaveAttribute("aria-disabled", "true");
  }
  const name = (of: Page) => of.getByRole("textbox", { name: "Name" });
  await test.step("a conflict shows both sides", async () => {
    await name(theirs).fill("Chat of theirs");
    await theirs.getByRole("button", { name: "Save changes" }).click();
    await expect(heading(theirs, "Chat of theirs")).toBeVisible();
    await name(page).fill("Chat of ours");
    await guard.expecting(/412/, async () => {
      await page.getByRole("button", { name: "Save changes" }).click();
      await expect(page.getByRole("row", { name: "Name Chat of theirs Chat of ours" })).toBeVisible();
    });
    await expectAccessible(page, "both sides");
    await page.getByRole("button", { name: "Overwrite with mine" }).click();
    await expect(heading(page, "Chat of ours")).toBeVisible();
    await context.close();
  });
  const toolbar = page.locator(".actions");
  await test.step("off: nothing can be replayed, a test works all the same; on again at once", async () => {
    await toolbar.getByRole("button", { name: "Switch off" }).click();
    const dialog = page.getByRole("dialog", { name: "Switch off Chat of ours" });
    await expectAccessible(page, "switch off");
    await dialog.getByRole("button", { name: "Switch off Chat of ours" }).click();
    await expect(badge(page, "Off")).toBeVisible();
    await toolbar.getByRole("button", { name: "Send a test" }).click();
    await receiver.next("a test while it is off", (one) => one.type === "test");
    const replay = rows(page).first().getByRole("button", { name: /^Replay/ });
    await expect(replay).toHaveAttribute("aria-disabled", "true");
    await expect(page.getByText("The webhook is off. Switch it on first.")).toBeVisible();
    await toolbar.getByRole("button", { name: "Switch on" }).click();
    await expect(replay).not.toHaveAttribute("aria-disabled", "true");
  });
  await test.step("another secret signs beside the former one; without an overlap the name is asked for", async () => {
    await toolbar.getByRole("button", { name: "New secret" }).click();
    const dialog = page.getByRole("dialog", { name: "New secret for Chat of ours" });
    await dialog.getByRole("combobox").selectOption("No, it ends now");
    await expect(dialog.getByRole("textbox", { name: "Type Chat of ours to confirm" })).toBeVisible();
    await expectAccessible(page, "new secret");
    await dialog.getByRole("combobox").selectOption("For 1 hour");
    await expect(dialog.getByRole("textbox")).toHaveCount(0);
    await dialog.getByRole("button", { name: "New secret for Chat of ours" }).click();
    const second = await takeSecret(page);
    await stored(page);
    await expect(page.getByText("the former one signs too until")).toBeVisible();
    // A test every two seconds at most.
    await guard.expecting(/429/, async () => {
      await expect(async () => {
        await toolbar.getByRole("button", { name: "Send a test" }).click();
        await expect(page.getByRole("main").getByText("The test was taken")).toBeVisible({ timeout: 1_500 });
      }).toPass({ timeout: 15_000 });
    });
    const call = await receiver.next("a test with two signatures", (one) => one.type === "test");
    expect(call.signatures).toHaveLength(2);
    expect(signedBy(call, secret)).toHaveLength(1);
    expect(signedBy(call, second)).toHaveLength(1);
  });
  await test.step("it is deleted by the keyboard alone, with its name", async () => {
    await toolbar.getByRole("button", { name: "Delete" }).focus();
    await page.keyboard.press("Enter");
    const typed = page.getByRole("textbox", { name: "Type Chat of ours to confirm" });
    await expect(typed).toBeFocused();
    await page.keyboard.type("Chat");
    await page.keyboard.press("Enter");
    await expect(typed).toHaveAttribute("aria-invalid", "true");
    await page.keyboard.type(" of ours");
    await page.keyboard.press("Enter");
    await expect(heading(page, "Webhooks")).toBeVisible();
    await expect(page.getByRole("row", { name: /Chat of ours/ })).toHaveCount(0);
    await guard.expecting(/404/, async () => {
      await page.goto(`/webhooks/${id}`);
      await expect(page.getByRole("heading", { name: "There is no such webhook" })).toBeVisible();
    });
  });
});

test("a receiver that wants no more stops the webhook, which needs a person and says so", async ({ page, server, api }) => {
  receiver.status = 410;
  const { id } = await make(server, "Gone");
  await api.createNode(place.region, "proxy", `127.0.0.1:${await freePort()}`);
  await receiver.next("the registration arrives", (one) => one.type === "lifecycle.registry");
  await signedIn(page, server);
  await page.goto("/dashboard");
  const problem = page.getByRole("listitem").filter({ hasText: "Gone" });
  await problem.getByRole("link", { name: "Open webhook" }).click({ timeout: 20_000 });
  await expect(page).toHaveURL(new RegExp(`/webhooks/${id}$`));
  await settled(page);
  await expect(badge(page, "Stopped")).toBeVisible();
  await expect(page.getByText("The receiver answered 410: it wants no more.")).toBeVisible();
  await expect(rows(page).first()).toContainText("Wants no more · 410");
  receiver.status = 204;
  await page.locator(".actions").getByRole("button", { name: "Switch on" }).click();
  await expect(page.getByText("The receiver answered 410")).toHaveCount(0);
  await rows(page).first().getByRole("button", { name: /^Replay Registry/ }).click();
  await receiver.next("the replay arrives", (one) => one.type === "lifecycle.registry");
  await expect(badge(page, "Delivering")).toBeVisible({ timeout: 15_000 });
});

test("a viewer sees what arrives, a masked address, and which role it takes to change anything", async ({
  browser,
  server,
  guard,
}) => {
  receiver.status = 204;
  const { id } = await make(server, "Pager", "/a-path-that-is-a-secret");
  const page = await viewer(browser, server, guard);
  await page.goto("/webhooks");
  const row = page.getByRole("row", { name: /Pager/ });
  await expect(row).toContainText(`${receiver.url}/…`);
  await expect(page.locator("main")).not.toContainText("a-path-that-is-a-secret");
  await expect(page.getByRole("link", { name: "New webhook" })).toHaveAttribute("aria-disabled", "true");
  await row.getByRole("link", { name: "Pager" }).click();
  await expect(heading(page, "Pager")).toBeVisible();
  await settled(page);
  await expect(page.locator("main")).not.toContainText("a-path-that-is-a-secret");
  for (const [name, role] of [
    ["Send a test", "Operator"],
    ["Edit", "Administrator"],
    ["Switch off", "Administrator"],
    ["New secret", "Administrator"],
    ["Delete", "Administrator"],
  ] as const) {
    const control = page.locator(".actions").getByText(name, { exact: true }).locator("..");
    await expect(control, name).toHaveAttribute("aria-disabled", "true");
    await expect(control, name).toHaveAttribute("title", new RegExp(`You need the ${role} role`));
  }
  await expectAccessible(page, "a webhook that cannot be changed");
  for (const form of ["/webhooks/new", `/webhooks/${id}/edit`]) {
    await page.goto(form);
    await expect(page.getByText("This page takes the role Administrator")).toBeVisible();
  }
  await page.context().close();
});

/** Makes a webhook as a script of an administrator would; its id and secret. */
async function make(server: Server, name: string, path = "/x"): Promise<{ id: string; secret: string }> {
  const json = { origin: server.url, "content-type": "application/json" };
  const login = await fetch(`${server.url}/api/v1/auth/login`, {
    method: "POST",
    headers: json,
    body: JSON.stringify(ADMIN),
  });
  const session = login.headers.get("set-cookie")?.split(";")[0] ?? "";
  noteCookie(session);
  const reply = await fetch(`${server.url}/api/v1/webhooks`, {
    method: "POST",
    headers: { ...json, cookie: session },
    body: JSON.stringify({ name, url: `${receiver.url}${path}`, events: ["lifecycle.registry"] }),
  });
  const text = await reply.text();
  expect(reply.status, text).toBe(201);
  const { webhook, plainSecret } = JSON.parse(text) as { webhook: { id: string }; plainSecret: string };
  addSecret(plainSecret, "a webhook's secret");
  return { id: webhook.id, secret: plainSecret };
}

/** A viewer, signed in on a page of their own. */
async function viewer(browser: Browser, server: Server, guard: Guard): Promise<Page> {
  const json = { origin: server.url, "content-type": "application/json" };
  const login = await fetch(`${server.url}/api/v1/auth/login`, {
    method: "POST",
    headers: json,
    body: JSON.stringify(ADMIN),
  });
  const session = login.headers.get("set-cookie")?.split(";")[0] ?? "";
  noteCookie(session);
  const invited = await fetch(`${server.url}/api/v1/users`, {
    method: "POST",
    headers: { ...json, cookie: session },
    body: JSON.stringify({ email: "mariam@example.org", displayName: "Mariam", role: "viewer" }),
  });
  const { link } = (await invited.json()) as { link: { url: string } };
  const token = new URL(link.url).hash.slice(1);
  addSecret(token, "a one-time link");
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  guard.watch(page, server.url);
  const data = { token, password: "seven words that nobody has used before" };
  const reply = await page.request.post("/api/v1/auth/welcome", { data, headers: { origin: server.url } });
  expect(reply.status(), "the link works").toBe(200);
  noteCookie(reply.headers()["set-cookie"]);
  return page;
}
