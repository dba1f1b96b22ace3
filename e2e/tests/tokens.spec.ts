// Automation tokens: made once, used by a script, watched, and revoked while the script runs.
import type { Page } from "@playwright/test";
import { addSecret } from "../support/canary.ts";
import { eventually, freePort } from "../support/processes.ts";
import { ADMIN } from "../support/server.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "tokens" });

/** Chooses something from the menu of a row. */
async function choose(page: Page, name: string, action: string): Promise<void> {
  await page.getByRole("button", { name: `Actions of ${name}` }).click();
  await page.getByRole("menu", { name: `Actions of ${name}` }).getByRole("menuitem", { name: action }).click();
}

test("a token from the form to a script, and the end of both", async ({ page, server, api, guard }) => {
  const region = await api.createRegion("OM", `tokens-${await freePort()}`);
  await signedIn(page, server);
  await page.goto("/tokens");
  await expect(page.getByRole("heading", { name: "No tokens yet" })).toBeVisible();
  await page.getByRole("link", { name: "New token" }).first().click();
  await page.getByRole("button", { name: "Make the token" }).click();
  await expect(page.getByRole("textbox", { name: "Name" })).toHaveAttribute("aria-invalid", "true");
  await page.getByRole("textbox", { name: "Name" }).fill("ci-deploy");
  await page.getByRole("radio", { name: "Operate" }).check();
  await page.getByRole("radio", { name: "Only some regions" }).check();
  await page.getByRole("checkbox", { name: region }).check();
  await expect(page.getByRole("combobox", { name: "Ends" })).toHaveValue("90");
  await page.getByRole("combobox", { name: "Ends" }).selectOption({ label: "Never" });
  await expect(page.getByText("Whoever finds this token")).toBeVisible();
  await page.getByRole("combobox", { name: "Ends" }).selectOption({ label: "30 days" });
  await page.getByRole("button", { name: "Make the token" }).click();

  const made = page.getByRole("heading", { name: "Token ci-deploy" });
  await expect(made).toBeFocused();
  const box = page.getByRole("textbox", { name: "API token" });
  await expect(box).toHaveValue(/•/);
  await page.getByRole("button", { name: "Reveal" }).click();
  await expect(box).toHaveValue(/^ey[\w-]+\.[\w-]+\.[\w-]+$/);
  const token = await box.inputValue();
  addSecret(token, "an automation token");
  await expect(page.getByText(`Authorization: Bearer ${token}`)).toBeVisible();
  await expect(page.getByRole("link", { name: "API reference" })).toBeVisible();
  await expectAccessible(page, "the new token");
  const done = page.getByRole("button", { name: "Done" });
  await expect(done).toHaveAttribute("aria-disabled", "true");
  await page.getByRole("checkbox", { name: "I have stored it" }).check();
  await done.click();
  await expect(heading(page, "API tokens")).toBeVisible();

  const row = page.getByRole("row", { name: /ci-deploy/ });
  await expect(row).toContainText("Operate");
  await expect(row).toContainText(region);
  await expect(row).toContainText(ADMIN.email);
  await expect(row).toContainText(/in (29|30) d/);
  const headers = { authorization: `Bearer ${token}` };
  const ask = () => fetch(`${server.url}/api/v1/overview`, { headers });
  expect((await ask()).status).toBe(200);
  const stream = await fetch(`${server.url}/api/v1/stream?topics=summary`, { headers });
  expect(stream.status).toBe(200);
  const ended = (async () => {
    let text = "";
    for await (const chunk of stream.body?.pipeThrough(new TextDecoderStream()) ?? []) text += chunk;
    return text;
  })();
  await eventually("the use of the token is noted", 5_000, async () => {
    const { items } = await api.get<{ items: { lastUsedFrom: string | null }[] }>("/api/v1/tokens");
    return items[0]?.lastUsedFrom ?? undefined;
  });
  await page.reload();
  await expect(row).toContainText("127.0.0.1");
  await expect(pill(page)).toHaveText("Live");

  await choose(page, "ci-deploy", "Rename");
  const naming = page.getByRole("dialog", { name: "Rename ci-deploy" });
  await expect(naming).toBeVisible();
  await expectAccessible(page, "rename");
  await naming.getByRole("textbox", { name: "Name" }).fill(" ");
  await page.keyboard.press("Enter");
  await expect(naming.getByRole("textbox", { name: "Name" })).toHaveAttribute("aria-invalid", "true");
  await naming.getByRole("textbox", { name: "Name" }).fill("ci-release");
  await page.keyboard.press("Enter");
  await expect(naming).toBeHidden();
  await expect(page.getByRole("row", { name: /ci-release/ })).toBeVisible();
  expect((await ask()).status, "the same token under another name").toBe(200);
  // Somebody else is quicker: the second try is based on what they did.
  await choose(page, "ci-release", "Rename");
  const again = page.getByRole("dialog", { name: "Rename ci-release" });
  await expect(again).toBeVisible();
  const { items } = await api.get<{ items: { id: string; version: number }[] }>("/api/v1/tokens");
  const [made1] = items;
  const theirs = await page.request.patch(`/api/v1/tokens/${made1?.id ?? ""}`, {
    data: { name: "theirs" },
    headers: { origin: server.url, "if-match": `"${made1?.version ?? 0}"` },
  });
  expect(theirs.status()).toBe(200);
  await again.getByRole("textbox", { name: "Name" }).fill("ci-deploy");
  await guard.expecting(/412/, async () => {
    await page.keyboard.press("Enter");
    await expect(again.getByText("Somebody has renamed it to theirs meanwhile.")).toBeVisible();
  });
  await again.getByRole("textbox", { name: "Name" }).focus();
  await page.keyboard.press("Enter");
  await expect(again).toBeHidden();
  await expect(row).toBeVisible();

  await choose(page, "ci-deploy", "Revoke");
  const dialog = page.getByRole("dialog", { name: "Revoke ci-deploy" });
  await expect(dialog).toContainText("ci-deploy was used");
  await expectAccessible(page, "revoke");
  await dialog.getByRole("textbox").fill("ci");
  await page.keyboard.press("Enter");
  await expect(dialog.getByRole("textbox")).toHaveAttribute("aria-invalid", "true");
  await dialog.getByRole("textbox").fill("ci-deploy");
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(row).toContainText("Revoked");
  await expect(row).toContainText(`by ${ADMIN.email}`);
  expect((await ask()).status).toBe(401);
  const late = new Promise<string>((_, reject) => setTimeout(() => reject(new Error("the stream goes on")), 2_000));
  expect(await Promise.race([ended, late])).toContain("bye");
  await page.goto("/activity?action=token.");
  await expect(page.getByRole("row", { name: /revoked a token/ })).toContainText("ci-deploy");
  await expect(page.getByRole("row", { name: /renamed a token/ })).toHaveCount(3);
});

test("the end of a token is warned of, and a token without one too", async ({ page, server }) => {
  await signedIn(page, server);
  const headers = { origin: server.url };
  for (const more of [{ name: "backup", expiresInDays: 7 }, { name: "grafana" }]) {
    const reply = await page.request.post("/api/v1/tokens", { data: { scope: "read", ...more }, headers });
    expect(reply.status()).toBe(201);
    addSecret(((await reply.json()) as { plainToken: string }).plainToken, "an automation token");
  }
  await page.goto("/tokens");
  await expect(page.getByRole("row", { name: /backup/ })).toContainText(/Ends in (6|7) d/);
  await expect(page.getByRole("row", { name: /grafana/ })).toContainText("never");
  await page.goto("/dashboard");
  await expect(page.getByText(/backup/).first(), "a problem on the dashboard").toBeVisible();

  await page.goto("/tokens");
  await choose(page, "grafana", "Revoke");
  const dialog = page.getByRole("dialog", { name: "Revoke grafana" });
  await expect(dialog.getByRole("textbox"), "nobody uses it").toHaveCount(0);
  await dialog.getByRole("button", { name: "Revoke grafana" }).click();
  await expect(page.getByRole("row", { name: /grafana/ })).toContainText("Revoked");
});
