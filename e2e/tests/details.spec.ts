// Small things that an operator reads off: who runs an older version, how long a drain may take, a region's line, what the
// control plane itself uses, and the command that restarts it.
import { freePort } from "../support/processes.ts";
import type { Created } from "../support/api.ts";
import { TIMERS } from "../support/server.ts";
import { expect, expectAccessible, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "details" });

/** Heartbeats of a node by hand, so that its figures are ours. */
function beats(url: string, node: Created): (body?: object) => Promise<{ desired?: { generation?: number } }> {
  let seq = 0;
  return async (body = {}) => {
    const reply = await fetch(`${url}/api/v1/node/heartbeat`, {
      method: "POST",
      headers: { authorization: `Bearer ${node.plainSecret}`, "content-type": "application/json" },
      body: JSON.stringify({ bootId: "one", seq: ++seq, ...body }),
    });
    expect(reply.status).toBe(200);
    return (await reply.json()) as { desired?: { generation?: number } };
  };
}

test("who runs an older version than the others of its region and kind", async ({ page, server, api }) => {
  const region = await api.createRegion("OM", `skew-${await freePort()}`);
  const make = async (name: string) => await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`, { displayName: name });
  const [old, other] = [await make("old one"), await make("new one")];
  const [first, second] = [beats(server.url, old), beats(server.url, other)];
  const keep = setInterval(() => void Promise.all([first({ version: "0.3.9" }), second({ version: "0.3.10" })]), TIMERS.interval);
  try {
    await signedIn(page, server);
    await page.goto(`/regions/${region}/nodes`);
    const row = (name: string) => page.getByRole("row").filter({ has: page.getByRole("link", { name }) });
    await expect(row("old one")).toContainText("▲", { timeout: 20_000 });
    await expect(row("old one")).toContainText(/Others of its kind in this region run .*0\.3\.10/);
    await expect(row("new one")).toContainText("0.3.10");
    await expect(row("new one")).not.toContainText("▲");
    await expectAccessible(page, "a table with an older version");
    await row("old one").getByRole("link", { name: "old one" }).click();
    await expect(page.locator(".node-hd")).toContainText(/Version .*0\.3\.9/);
    await page.goto(`/nodes/${other.node.id}`);
    await expect(page.locator(".node-hd")).toContainText("Online");
    await expect(page.locator(".node-hd")).not.toContainText("Version");
  } finally {
    clearInterval(keep);
  }
});

test("how long a drain may take is said in words, with its bounds", async ({ page, server, api }) => {
  const region = await api.createRegion("DE", `pace-${await freePort()}`);
  const made = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`, { displayName: "draining one" });
  const beat = beats(server.url, made);
  let phone = 12;
  let seen: number | undefined;
  let ending: number | undefined;
  const keep = setInterval(() => {
    // From the moment it obeys, a call ends every second until six are left.
    if (ending !== undefined) phone = Math.max(6, 12 - Math.floor((Date.now() - ending) / 1_000));
    const sessions = { phone, web: 0, max: 25, ageSeconds: [75] };
    void beat({ sessions, observedGeneration: seen }).then(({ desired }) => {
      seen = desired?.generation;
    });
  }, TIMERS.interval);
  try {
    await signedIn(page, server);
    await page.goto(`/nodes/${made.node.id}`);
    await expect(pill(page)).toHaveText("Live");
    await page.getByRole("button", { name: "Maintenance…" }).click();
    const dialog = page.getByRole("dialog", { name: /^Turn on maintenance/ });
    // The only live backend of its region: that has to be read, and the name of the region typed.
    await dialog.getByRole("checkbox", { name: /^I understand/ }).check();
    await dialog.getByRole("textbox", { name: "Reason" }).fill("A look at the pace");
    await dialog.getByRole("textbox", { name: /to confirm/ }).fill(region);
    await dialog.locator("button[type=submit]").click();
    const left = page.locator(".drain-left");
    await expect(left).toContainText("12 of 12 left · Estimating…", { timeout: 20_000 });
    ending = Date.now();
    await expect(left).toHaveText(/^(8|7|6) of 12 left · (about \d+ s|\d+ s to \d+ s) · longest call 1 min 15 s$/, { timeout: 20_000 });
    await expect(page.getByText("The drain is stalled.")).toHaveCount(0);
  } finally {
    clearInterval(keep);
  }
});

test("a region's line, what the control plane uses, and the command that restarts it", async ({ page, server, api }) => {
  const region = await api.createRegion("SG", `line-${await freePort()}`);
  const made = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`);
  const beat = beats(server.url, made);
  const keep = setInterval(() => void beat({ sessions: { phone: 3, web: 1, max: 25 } }), TIMERS.interval);
  try {
    await signedIn(page, server);
    await page.goto("/dashboard");
    const card = page.getByRole("article").filter({ has: page.getByRole("link", { name: region }) });
    await expect(card.getByRole("img", { name: /^Conversations, last 15 min: .* now 4\./ })).toBeVisible({ timeout: 20_000 });
    const singletons = page.getByRole("region", { name: "Singletons" });
    await expect(singletons).toContainText(/CPU (\d+ %|—)/, { timeout: 15_000 });
    await expect(singletons).toContainText(/RAM \d+ %/, { timeout: 20_000 });
    await expectAccessible(page, "a dashboard with lines in its cards");
    await page.goto("/regions");
    await expect(card.getByRole("img", { name: /^Conversations/ })).toBeVisible();
  } finally {
    clearInterval(keep);
  }
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/frontend");
  await page.getByRole("button", { name: "Copy the command" }).click();
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(async () => await navigator.clipboard.readText())).toBe("sudo systemctl restart iqra-infra");
});
