// People: an invitation from the link to a role that is lowered under somebody's work, sessions that are ended, the
// password before dangerous actions, and what a viewer sees of every page.
import type { Locator, Page } from "@playwright/test";
import { noteCookie } from "../support/canary.ts";
import { PASSWORD, arrive, mail, somebodyElse } from "../support/people.ts";
import { freePort } from "../support/processes.ts";
import { ADMIN } from "../support/server.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "people" });

const HUDA = { email: "huda@example.org", name: "Huda" };
const places = { in: "", out: "", node: "" };

test.beforeAll(async ({ api }) => {
  places.in = await api.createRegion("OM", `in-${await freePort()}`);
  places.out = await api.createRegion("OM", `out-${await freePort()}`);
  const made = await api.createNode(places.in, "backend", `127.0.0.1:${await freePort()}`);
  places.node = made.node.id;
});

/** The text of the message at the edge. */
function toast(page: Page, text: string): Locator {
  return page.locator("#toasts").getByText(text);
}

/** Invites somebody by the form; the link that is shown once. */
async function invite(page: Page, email: string, role: string, region?: string): Promise<string> {
  await page.goto("/users");
  await page.getByRole("link", { name: "Invite", exact: true }).first().click();
  await page.getByRole("textbox", { name: "Email" }).fill(email);
  await page.getByRole("textbox", { name: "Name" }).fill(HUDA.name);
  await page.getByRole("radio", { name: role }).check();
  if (region !== undefined) {
    await page.getByRole("radio", { name: "Only some regions" }).check();
    await page.getByRole("checkbox", { name: region }).check();
  }
  await page.getByRole("button", { name: "Make an invitation" }).click();
  return await takeLink(page);
}

/** Reads the link off the card as a person does, and says that it was copied. */
async function takeLink(page: Page): Promise<string> {
  const box = page.getByRole("textbox", { name: "One-time link" });
  await expect(box).toHaveValue(/•/);
  await page.getByRole("button", { name: "Reveal" }).click();
  await expect(box).toHaveValue(/\/welcome#iqi_/);
  const link = await box.inputValue();
  const done = page.getByRole("button", { name: "Done" });
  await expect(done).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("checkbox", { name: "I have copied it" }).check();
  await done.click();
  await expect(box).toBeHidden();
  return link;
}

test("an invitation, its link, a limit to one region, and a role that is lowered under the work", async ({
  page,
  browser,
  server,
  guard,
}) => {
  await signedIn(page, server);
  const link = await invite(page, HUDA.email, "Operator", places.in);
  expect(new URL(link).origin).toBe(server.url);

  const huda = await somebodyElse(browser, server, guard);
  await huda.goto(link);
  await expect(heading(huda, "Welcome")).toBeVisible();
  expect(huda.url(), "the secret is gone from the address").toBe(`${server.url}/welcome`);
  await expect(huda.getByText(HUDA.email).first()).toBeVisible();
  await expectAccessible(huda, "welcome");
  const password = huda.getByRole("textbox", { name: "New password" });
  await password.fill("too short");
  await expect(huda.getByText("6 characters more.")).toBeVisible();
  await huda.getByRole("button", { name: "Begin" }).click();
  await expect(password).toHaveAttribute("aria-invalid", "true");
  await guard.expecting(/422/, async () => {
    await password.fill("huda@example.org huda@example.org");
    await huda.getByRole("button", { name: "Begin" }).click();
    await expect(huda.locator("p.err")).toContainText("has your address");
  });
  await password.fill(PASSWORD);
  await huda.getByRole("button", { name: "Begin" }).click();
  await expect(heading(huda, "Dashboard")).toBeVisible();
  await expect(pill(huda)).toHaveText("Live");

  await huda.getByRole("button", { name: "Account" }).click();
  const menu = huda.getByRole("group", { name: "Account" });
  await expect(menu).toContainText("Operator");
  await expect(menu).toContainText(`May change ${places.in}`);
  await expect(menu.getByRole("link", { name: "Users & roles" })).toHaveCount(0);
  await huda.keyboard.press("Escape");

  await huda.goto(`/regions/${places.out}`);
  const maintenance = huda.getByRole("button", { name: "Maintenance…" });
  await expect(maintenance).toHaveAttribute("aria-disabled", "true");
  await expect(maintenance).toHaveAttribute("title", new RegExp(`may change .*${places.in}.*not ${places.out}`));
  await huda.goto(`/regions/${places.in}`);
  await expect(maintenance).toBeVisible();
  await expect(maintenance).not.toHaveAttribute("aria-disabled");

  await page.goto("/users");
  await page.getByRole("link", { name: HUDA.name }).click();
  await expect(heading(page, HUDA.name)).toBeVisible();
  await expectAccessible(page, "account");
  await page.getByRole("radio", { name: "Viewer" }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Saved. What they may do").first()).toBeVisible();

  await expect(toast(huda, "Your role changed to Viewer.")).toBeVisible({ timeout: 3_000 });
  await expect(maintenance).toHaveAttribute("aria-disabled", "true");
  await expect(maintenance).toHaveAttribute("title", /You need the Operator role/);
  await expect(pill(huda)).toHaveText("Live");

  await page.getByRole("radio", { name: "All regions" }).check();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(toast(huda, "The regions you may change are different now: All regions.")).toBeVisible();

  const third = await somebodyElse(browser, server, guard);
  await guard.expecting(/410/, async () => {
    await third.goto(link);
    await expect(heading(third, "This link does not work any more")).toBeVisible();
  });
  await third.context().close();
  await huda.context().close();
});

/** Every page, for somebody who may read all of it. */
const PAGES = (): string[] => [
  "/dashboard",
  "/regions",
  `/regions/${places.in}`,
  `/regions/${places.in}/nodes`,
  `/regions/${places.in}/storage`,
  `/regions/${places.in}/activity`,
  `/regions/${places.in}/settings`,
  "/nodes",
  "/nodes/unregistered",
  `/nodes/${places.node}`,
  `/nodes/${places.node}/metrics`,
  `/nodes/${places.node}/activity`,
  `/nodes/${places.node}/settings`,
  "/frontend",
  "/background",
  "/background/config",
  "/activity",
  "/settings/general",
  "/settings/maintenance",
  "/users",
];

/** What changes something, by its words. */
const CHANGES =
  /^(Add (?!label)|Maintenance|End maintenance|Disable|Activate|Enable|Shut down|Delete|Rotate|Revoke|Save|Remove|Run (?!diagnosis)|Invite|Turn on|Turn off|Ignore|Test)/;

test("a viewer sees every page, and every control that changes something says which role it takes", async ({
  browser,
  server,
  guard,
}) => {
  test.setTimeout(120_000);
  const huda = await arrive(browser, server, guard, "Mariam");
  let found = 0;
  for (const path of PAGES()) {
    await huda.goto(path);
    await expect(huda.getByRole("heading", { level: 1 })).toHaveCount(1);
    await expect(huda.locator(".app[data-fresh=live]")).toBeVisible();
    await expect(huda.locator("[aria-busy=true]")).toHaveCount(0);
    const controls = huda.locator("main").locator("button:visible, a.btn:visible, [role=menuitem]");
    for (const control of await controls.all()) {
      const name = ((await control.innerText()) || (await control.getAttribute("aria-label")) || "").trim();
      if (!CHANGES.test(name)) continue;
      found += 1;
      expect.soft(await control.getAttribute("aria-disabled"), `${path}: ${name} is off`).toBe("true");
      const told = await control.evaluate((element) => {
        const ids = (element.getAttribute("aria-describedby") ?? "").split(" ");
        const texts = ids.map((id) => document.getElementById(id)?.textContent ?? "");
        return [element.getAttribute("title") ?? "", element.textContent ?? "", ...texts].join(" ");
      });
      expect.soft(told, `${path}: ${name} says why`).toMatch(/You need the (Operator|Administrator) role/);
    }
  }
  expect(found, "controls that change something").toBeGreaterThan(15);
  await huda.goto("/regions/new");
  await expect(huda.getByText("This page takes the role Operator")).toBeVisible();
  await expect(huda.getByText(`You are signed in as Viewer. ${ADMIN.email} can do it.`)).toBeVisible();
  await huda.goto(`/nodes/${places.node}/connect`);
  await expect(huda.getByText("This page takes the role Operator")).toBeVisible();
  await huda.goto("/users/invite");
  await expect(huda.getByText("This page takes the role Administrator")).toBeVisible();
  await huda.goto("/users");
  await expect(huda.getByRole("heading", { name: "Only administrators see this page" })).toBeVisible();
  await expect(huda.getByRole("heading", { name: "What the roles may do" })).toBeVisible();
  await huda.context().close();
});

test("one's own password and sessions", async ({ browser, server, guard }) => {
  const huda = await arrive(browser, server, guard, "Salim");
  const other = await somebodyElse(browser, server, guard);
  const who = { email: mail("Salim"), password: PASSWORD };
  const reply = await other.request.post("/api/v1/auth/login", { data: who, headers: { origin: server.url } });
  expect(reply.status()).toBe(200);
  noteCookie(reply.headers()["set-cookie"]);
  await other.goto("/dashboard");
  await expect(pill(other)).toHaveText("Live");

  await huda.goto("/settings/security");
  const rows = huda.getByRole("table", { name: "" }).locator("tbody tr");
  await expect(rows).toHaveCount(2);
  await expect(rows.filter({ hasText: "this one" })).toHaveCount(1);
  await expect(rows.first()).toContainText(/Chrom(e|ium)|Chrome on Linux/);
  await guard.expecting(/401/, async () => {
    await rows.getByRole("button", { name: /^Sign out/ }).click();
    await expect(toast(huda, "The session has ended.")).toBeVisible();
    await expect(rows).toHaveCount(1);
    await expect(other.getByRole("dialog", { name: "Your session ended" })).toBeVisible();
    await other.context().close();
  });

  const changed = "seven words that nobody has used until now";
  await guard.expecting(/422/, async () => {
    await huda.getByRole("textbox", { name: "Password now" }).fill("not the password of huda");
    await huda.getByRole("textbox", { name: "New password" }).fill(changed);
    await huda.getByRole("button", { name: "Change password" }).click();
    await expect(huda.locator("p.err")).toHaveText("The password is not right.");
  });
  await huda.getByRole("textbox", { name: "Password now" }).fill(PASSWORD);
  await huda.getByRole("button", { name: "Change password" }).click();
  await expect(toast(huda, "Your password is changed. All other sessions have ended.")).toBeVisible();
  await expect(pill(huda)).toHaveText("Live");
  await huda.context().close();
});

test("an administrator ends a session: the page it was open in asks who is there", async ({
  page,
  browser,
  server,
  guard,
}) => {
  const huda = await arrive(browser, server, guard, "Zahra");
  await signedIn(page, server);
  await huda.goto("/nodes");
  await expect(pill(huda)).toHaveText("Live");
  await page.goto("/users");
  await page.getByRole("link", { name: "Zahra" }).click();
  await page.getByRole("button", { name: /^Sign out: / }).click();
  await expect(toast(page, "The session has ended.")).toBeVisible();
  await guard.expecting(/401/, async () => {
    await expect(huda.getByRole("dialog", { name: "Your session ended" })).toBeVisible({ timeout: 3_000 });
  });
  await huda.context().close();
});

test("what an administrator does to an account, and what nobody does to their own", async ({
  page,
  browser,
  server,
  guard,
}) => {
  await (await arrive(browser, server, guard, "Nasser")).context().close();
  await signedIn(page, server);
  await page.goto("/users");
  await page.getByRole("link", { name: ADMIN.email }).click();
  await expect(page.getByText("This is your own account. Another administrator can change").first()).toBeVisible();
  await page.getByRole("radio", { name: "Viewer" }).click({ force: true });
  await expect(page.getByRole("radio", { name: "Administrator" }), "the choice stays").toBeChecked();
  for (const name of ["Disable", "Delete", "Reset password"]) {
    await expect(page.getByRole("button", { name, exact: true })).toHaveAttribute("aria-disabled", "true");
  }

  await page.goto("/users");
  await page.getByRole("link", { name: "Nasser" }).click();
  await page.getByRole("button", { name: "Disable", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disable Nasser" }).click();
  await expect(toast(page, "Nasser cannot sign in any more.")).toBeVisible();
  await expect(page.locator("main .st", { hasText: "Disabled" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Reset password" })).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("button", { name: "Enable", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Enable Nasser" }).click();
  await expect(page.locator("main .st", { hasText: "Active" })).toBeVisible();

  await page.getByRole("button", { name: "Reset password" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Make the link" }).click();
  const link = await takeLink(page);
  expect(link).toContain("#iqi_");

  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Delete Nasser" });
  await expect(dialog.getByText("They have no tokens")).toBeVisible();
  await dialog.getByRole("textbox").fill("nasser");
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("textbox")).toHaveAttribute("aria-invalid", "true");
  await dialog.getByRole("textbox").fill(mail("Nasser"));
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/users$/);
  await expect(page.getByRole("link", { name: "Nasser" })).toHaveCount(0);
  await page.goto("/activity?action=user.");
  await expect(page.getByRole("row", { name: /deleted an account/ }).first()).toBeVisible();
});

test("a while after signing in, the password is asked for once more", async ({ page, server, guard }) => {
  await signedIn(page, server);
  const there = await server.sql("UPDATE sessions SET confirmed_at = confirmed_at - interval '6 minutes'");
  test.skip(!there, "without psql nobody can turn the clock of a session");
  await page.goto("/users/invite");
  const email = page.getByRole("textbox", { name: "Email" });
  await email.fill("talib@example.org");
  const dialog = page.getByRole("dialog", { name: "Confirm with your password" });
  const send = page.getByRole("button", { name: "Make an invitation" });
  await guard.expecting(/403|422/, async () => {
    await send.click();
    await expect(dialog).toBeVisible();
    await expect(dialog.getByRole("textbox", { name: "Password" })).toBeFocused();
    await expectAccessible(page, "confirm");
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText("Your password was not given, so nothing was changed.")).toBeVisible();
    await expect(email).toHaveValue("talib@example.org");

    await send.click();
    await dialog.getByRole("textbox", { name: "Password" }).fill("this is not the password");
    await page.keyboard.press("Enter");
    await expect(dialog.getByText("The password is not right.")).toBeVisible();
    await dialog.getByRole("textbox", { name: "Password" }).fill(ADMIN.password);
    await page.keyboard.press("Enter");
    await expect(dialog).toBeHidden();
  });
  await expect(page.getByRole("heading", { name: "Invitation for talib@example.org" })).toBeFocused();
  await takeLink(page);
  await page.goto("/users");
  await expect(page.getByRole("row", { name: /talib@example\.org/ })).toHaveCount(1);
});

test("a refusal says who can do it, by name, and asks for the names when somebody wants to know", async ({
  page,
  browser,
  server,
  guard,
}) => {
  await signedIn(page, server);
  const huda = await arrive(browser, server, guard, "Khalfan");
  const asked: string[] = [];
  huda.on("request", (request) => {
    const url = new URL(request.url());
    if (url.pathname === "/api/v1/helpers") asked.push(url.search);
  });
  await huda.goto(`/regions/${places.in}`);
  await expect(pill(huda)).toHaveText("Live");
  const maintenance = huda.getByRole("button", { name: "Maintenance…" });
  await expect(maintenance).toHaveAttribute("aria-disabled", "true");
  await expect(maintenance).toHaveAttribute("title", /You need the Operator role for this\./);
  await maintenance.hover();
  const needs = "You need the Operator role for this.";
  await expect(maintenance).toHaveAttribute("title", `${needs} ${ADMIN.email} can do it.`);
  const here = () => asked.filter((query) => query.includes(`region=${places.in}`)).length;
  expect(here(), "asked once").toBe(1);
  await huda.getByRole("link", { name: "Nodes", exact: true }).first().click();
  await expect(huda.getByRole("heading", { level: 1 })).toBeFocused();
  await huda.goBack();
  await maintenance.hover();
  await expect(maintenance).toHaveAttribute("title", `${needs} ${ADMIN.email} can do it.`);
  expect(here(), `what is known is not asked again: ${asked.join(" ")}`).toBe(1);

  // An operator of this region is named here, before the administrator, and not elsewhere.
  const link = await invite(page, "maryam@example.org", "Operator", places.in);
  const redeemed = { token: new URL(link).hash.slice(1), password: PASSWORD };
  const other = await somebodyElse(browser, server, guard);
  const reply = await other.request.post("/api/v1/auth/welcome", { data: redeemed, headers: { origin: server.url } });
  expect(reply.status()).toBe(200);
  noteCookie(reply.headers()["set-cookie"]);
  await other.context().close();
  await huda.goto(`/regions/${places.in}`);
  await maintenance.focus();
  await expect(maintenance).toHaveAttribute("title", `${needs} ${HUDA.name} or ${ADMIN.email} can do it.`);
  await huda.goto(`/regions/${places.out}`);
  await maintenance.focus();
  await expect(maintenance).toHaveAttribute("title", `${needs} ${ADMIN.email} can do it.`);

  // A page that takes its person for somebody else is refused by the server, and says whom to ask all the same.
  await huda.route("**/api/v1/auth/me", async (route) => {
    const reply = await route.fetch();
    const me = (await reply.json()) as { user: object };
    await route.fulfill({ response: reply, json: { ...me, user: { ...me.user, role: "admin" } } });
  });
  await guard.expecting(/403/, async () => {
    await huda.goto("/activity");
    await huda.getByText("Chain of the log").click();
    await huda.getByRole("button", { name: "Verify now" }).click();
    await expect(toast(huda, `${ADMIN.email} can do it.`)).toBeVisible();
  });
  await huda.unroute("**/api/v1/auth/me");

  // Where the names cannot be had, the sentence stands without them.
  await huda.route("**/api/v1/helpers*", (route) => route.fulfill({ status: 503, body: "{}" }));
  await guard.expecting(/503/, async () => {
    await huda.goto(`/regions/${places.in}`);
    await maintenance.focus();
    await expect(maintenance).toHaveAttribute("title", `${needs} Ask an administrator.`);
  });
  await huda.context().close();
});

test("the last account that may do everything stays as it is", async ({ page, browser, server, guard }) => {
  await signedIn(page, server);
  const link = await invite(page, "last@example.org", "Administrator");
  const other = await somebodyElse(browser, server, guard);
  const data = { token: new URL(link).hash.slice(1), password: PASSWORD };
  const reply = await other.request.post("/api/v1/auth/welcome", { data, headers: { origin: server.url } });
  expect(reply.status()).toBe(200);
  noteCookie(reply.headers()["set-cookie"]);
  await other.context().close();
  await page.goto("/users");
  await page.getByRole("row", { name: /last@example\.org/ }).getByRole("link").click();
  const role = page.getByRole("radio", { name: "Operator" });
  await role.check();
  // Whoever asks cannot sign in again from here on, which this page does not know yet.
  const kept = `CREATE TABLE kept AS SELECT id, password_hash FROM users WHERE email = '${ADMIN.email}'`;
  const there = await server.sql(`${kept}; UPDATE users SET password_hash = NULL WHERE email = '${ADMIN.email}'`);
  test.skip(!there, "without psql nobody loses a password while signed in");
  try {
    await guard.expecting(/409/, async () => {
      await page.getByRole("button", { name: "Save" }).click();
      await expect(page.getByRole("alert").getByText("This is the last account that may do everything.")).toBeVisible();
    });
    // Read anew, the page says so before anybody tries.
    await page.reload();
    const said = page.getByRole("form", { name: "Name and rights" }).getByText("This is the last administrator of all regions.");
    await expect(said).toBeVisible();
    await expect(page.getByRole("radio", { name: "Administrator" })).toBeChecked();
    for (const name of ["Disable", "Delete"]) {
      await expect(page.getByRole("button", { name, exact: true })).toHaveAttribute("aria-disabled", "true");
    }
  } finally {
    await server.sql("UPDATE users u SET password_hash = k.password_hash FROM kept k WHERE k.id = u.id; DROP TABLE kept");
  }
});
