// The background node: registered with a generated key, a real process with it, a job from button to finished run, and a
// wrong key that is told as what it is.
import { type Process, freePort } from "../support/processes.ts";
import { addSecret } from "../support/canary.ts";
import { expect, expectAccessible, heading, signedIn, test } from "../support/test.ts";

test.use({ world: "background" });
test.describe.configure({ mode: "serial", timeout: 120_000 });

let endpoint = "";
let settings = "";

test("no background node: jobs cannot be started, and the page says why", async ({ page, server }) => {
  await signedIn(page, server);
  await page.goto("/background/jobs");
  await expect(heading(page, "Background node")).toBeVisible();
  await expect(page.getByRole("heading", { name: "No background node is registered" })).toBeVisible();
  await expect(page.getByText("Without this, jobs cannot be started by hand.")).toBeVisible();
  await page.getByRole("link", { name: "Register the background node" }).click();
  await expect(page.getByRole("textbox", { name: "Endpoint" })).toBeVisible();
  await expectAccessible(page, "configuration without a node");
});

test("register, run a job, read its output", async ({ page, server }) => {
  await signedIn(page, server);
  endpoint = `http://127.0.0.1:${await freePort()}`;
  await page.goto("/background/config");
  await page.getByRole("textbox", { name: "Endpoint" }).fill(endpoint);
  await page.getByRole("button", { name: "Test", exact: true }).click();
  await expect(page.getByRole("status").filter({ hasText: /No address or no key|Unreachable/ })).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { name: "The new key" })).toBeFocused();
  await page.getByRole("button", { name: "Reveal" }).click();
  settings = (await page.getByRole("region", { name: "appsettings.json" }).textContent()) ?? "";
  const key = (JSON.parse(settings) as { Security: { ApiKey: string } }).Security.ApiKey;
  expect(key.length).toBeGreaterThanOrEqual(32);
  addSecret(key);
  const sync = page.getByRole("region", { name: "Configuration sync" });
  await expect(sync).toContainText("Not known");

  const node = await server.startNode(settings);
  try {
    await expect(sync).toContainText("In sync", { timeout: 20_000 });
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await expect(page.getByRole("status").filter({ hasText: "It answers and accepts the key" })).toBeVisible();
    await expect(page.getByRole("region", { name: "Test", exact: true }).getByRole("listitem")).toHaveCount(6);
    await page.getByRole("link", { name: "Jobs", exact: true }).click();
    await page.getByRole("button", { name: /^Run .*clean.* now$/i }).first().click();
    const dialog = page.getByRole("dialog", { name: /^Run ‘/ });
    await expect(dialog).toBeVisible();
    await expectAccessible(page, "question before a job");
    await dialog.getByRole("button", { name: "Run now" }).click();
    const run = page.getByRole("region", { name: "Run", exact: true });
    await expect(run).toContainText("Succeeded", { timeout: 30_000 });
    await expect(page.getByRole("region", { name: "Output" }).last()).toContainText(/\S{3,}/);
    await expectAccessible(page, "a finished run");
    const address = page.url();
    await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link").last().click();
    const runs = page.getByRole("region", { name: "Runs" }).first();
    await expect(runs.getByRole("row").filter({ hasText: "Succeeded" })).toHaveCount(1);
    await expect(runs).toContainText("admin@localhost");
    // A run has an address of its own.
    await page.goto(address);
    await expect(page.getByRole("region", { name: "Run", exact: true })).toContainText("Succeeded");
  } finally {
    await node.stop();
  }
});

test("two people change it: both sides are shown; a shutdown names the schedule and the phrase", async ({
  page,
  server,
  api,
  guard,
}) => {
  await signedIn(page, server);
  await page.goto("/background/config");
  const name = page.getByRole("textbox", { name: "Display name" });
  await expect(page.getByRole("textbox", { name: "Endpoint" })).toHaveValue(/^http/);
  await name.fill("ours");
  await test.step("leaving asks", async () => {
    const asked: string[] = [];
    page.on("dialog", (dialog) => {
      asked.push(dialog.message());
      void dialog.dismiss();
    });
    await page.getByRole("link", { name: "Jobs", exact: true }).click();
    await expect.poll(() => asked).toEqual(["Your changes are not saved. Leave this page?"]);
    await expect(name).toHaveValue("ours");
  });
  const stored = await api.get<{ node: { id: string; version: number; endpoint: object } }>("/api/v1/background-node");
  await api.send("PATCH", `/api/v1/nodes/${stored.node.id}`, { displayName: "theirs" }, `"${stored.node.version}"`);
  const dialog = page.getByRole("dialog", { name: "Somebody changed this meanwhile" });
  await guard.expecting(/412/, async () => {
    await page.getByRole("button", { name: "Save" }).click();
    await expect(dialog).toBeVisible();
  });
  await expect(dialog.getByRole("row", { name: "Display name theirs ours" })).toBeVisible();
  await expect(dialog).toContainText(/changed this .+ ago\./);
  await expectAccessible(page, "a conflict of the background node");
  await dialog.getByRole("button", { name: "Overwrite with mine" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Saved" })).toBeVisible();
  expect((await api.get<{ displayName: string }>(`/api/v1/nodes/${stored.node.id}`)).displayName).toBe("ours");

  await page.getByRole("link", { name: "Overview", exact: true }).click();
  await page.getByRole("group", { name: "Actions" }).getByRole("button", { name: "Disable…" }).click();
  const disable = page.getByRole("dialog", { name: /^Disable node/ });
  await expect(disable).toContainText("Scheduled jobs stop until it runs again.");
  await expect(disable.getByRole("textbox", { name: "Type background to confirm" })).toBeFocused();
  await expectAccessible(page, "disabling the background node");
});

test("a node with another key: keys differ, and what to do", async ({ page, server }) => {
  const wrong = "w".repeat(40);
  addSecret(wrong);
  const file = JSON.parse(settings) as { Security: { ApiKey: string } };
  file.Security.ApiKey = wrong;
  const node: Process = await server.startNode(JSON.stringify(file));
  try {
    await signedIn(page, server);
    await page.goto("/background/config");
    const sync = page.getByRole("region", { name: "Configuration sync" });
    // Once it is clear that the node itself is quiet.
    await expect(sync).toContainText("Keys differ", { timeout: 60_000 });
    await expect(sync).toContainText("Put the key into IqraBackgroundProcessor/appsettings.json");
    await sync.getByText("What this rests on").click();
    await expect(sync.getByText("Refused heartbeat")).toBeVisible();
    await page.getByRole("link", { name: "Jobs", exact: true }).click();
    const run = page.getByRole("button", { name: /^Run .* now$/ }).first();
    await expect(run).toBeDisabled({ timeout: 20_000 });
    await page.goto("/dashboard");
    await expect(page.getByText("The background node has another key than this console.")).toBeVisible({ timeout: 20_000 });
  } finally {
    await node.kill();
  }
});
