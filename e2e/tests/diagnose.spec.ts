// Why a node does not report: the panel beside 0/N, the page of a node and of a group, with the evidence at hand.
import { randomBytes } from "node:crypto";
import { type Process, eventually, freePort } from "../support/processes.ts";
import type { Created, Rejection } from "../support/api.ts";
import { TIMERS } from "../support/server.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "diagnose" });
test.describe.configure({ mode: "serial", timeout: 90_000 });

let region = "";
let wrong: Created;
let stopped: Created;
let refused: Rejection;
const running: Process[] = [];

test.beforeAll(async ({ api, server }) => {
  region = await api.createRegion("OM", `why-${await freePort()}`);
  wrong = await api.createNode(region, "proxy", `127.0.0.1:${await freePort()}`);
  stopped = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`);
  const other = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`);
  const secret = `iqn_${randomBytes(32).toString("hex")}`.slice(0, wrong.plainSecret.length);
  running.push(await server.startNode(wrong.snippet.replace(wrong.plainSecret, secret)));
  running.push(await server.startNode(other.snippet));
  const backend = await server.startNode(stopped.snippet);
  running.push(backend);
  refused = await eventually("a heartbeat was refused", 20_000, async () => {
    const { items } = await api.get<{ items: Rejection[] }>("/api/v1/rejections");
    return items.find((item) => item.claimedNode === wrong.node.id);
  });
  const reaches = (id: string, liveness: string, bound: number) =>
    eventually(`${id} is ${liveness}`, bound, async () => ((await api.node(id)).liveness === liveness ? true : undefined));
  await reaches(stopped.node.id, "live", 20_000);
  await reaches(other.node.id, "live", 20_000);
  await backend.kill();
  await reaches(stopped.node.id, "offline", TIMERS.offline + 6_000);
});

test.afterAll(async () => {
  await Promise.all(running.map((process) => process.kill()));
});

test("0/1 on the card opens a panel that names firewall, file and both fingerprints", async ({ page, server }) => {
  await signedIn(page, server);
  await page.goto("/dashboard");
  await expect(pill(page)).toHaveText("Live");
  const figures = page.getByRole("region", { name: "Key figures" });
  await expect(figures).toContainText(/^Proxy nodes · active \/ total\s+0 \/ 1$/m, { useInnerText: true });
  const opener = figures.getByRole("button", { name: `How to fix 0/1 in ${region}` });
  await opener.click();
  const panel = page.getByRole("dialog", { name: "Why 0/1?" });
  await expect(panel).toContainText("1 proxy is registered in the database but it is not sending heartbeats.");
  await expect(panel).toContainText("Check the firewall and appsettings.json on that server.");
  await expect(panel).toContainText(/127\.0\.0\.1:\d+ is silent\. Wrong secret\./);
  await expect(panel).toContainText(`Fingerprint ${refused.fingerprint}, expected ${wrong.node.secret.fingerprint}.`);
  // The cause that the evidence points at comes first.
  await expect(panel.getByRole("listitem").filter({ hasText: "Most likely" })).toContainText("appsettings.json does not match");
  await expectAccessible(page, "the panel");
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(opener).toBeFocused();

  await test.step("the whole diagnosis is one press away", async () => {
    await opener.click();
    await panel.getByRole("link", { name: "Full diagnosis" }).click();
    await expect(heading(page, `Why 0/1 proxy in ${region}?`)).toBeVisible();
    const row = page.getByRole("row").filter({ hasText: "Wrong secret" });
    await expect(row).toHaveCount(1);
    await expect(row).toContainText("Never seen");
    await expectAccessible(page, "the group");
    await row.getByRole("link", { name: /^Diagnose / }).click();
    await expect(page).toHaveURL(new RegExp(`/nodes/${wrong.node.id}/diagnose$`));
  });
});

test("a wrong secret: the sentence, the evidence, the report, and green by itself", async ({ page, server, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await signedIn(page, server);
  await page.goto(`/nodes/${wrong.node.id}/diagnose`);
  await expect(heading(page, /^Why does .* not report\?$/)).toBeVisible();
  const verdict = page.getByRole("region", { name: "The server sends heartbeats, but with the wrong secret." });
  await expect(verdict).toContainText("Put the current secret into appsettings.json on the server, or rotate it");
  await expect(verdict.getByRole("link", { name: "Rotate secret…" })).toHaveAttribute("href", `/nodes/${wrong.node.id}/settings`);
  const evidence = page.getByRole("region", { name: "Evidence" });
  const line = evidence.getByRole("listitem").filter({ hasText: "The secret is not known" });
  await expect(line).toContainText(`Fingerprint ${refused.fingerprint}, expected ${wrong.node.secret.fingerprint}.`);
  await expect(line).toContainText("127.0.0.1");
  await expect(evidence).toContainText(`Registered and enabled in ${region}.`);
  await expect(evidence).toContainText("No heartbeat was ever accepted.");
  await expect(evidence).toContainText("Not checked from here");
  const commands = page.getByRole("region", { name: "If that does not help, on the server" });
  await expect(commands).toContainText("journalctl -u iqra-proxy -n 100");
  await expect(commands).toContainText(`curl -sv ${server.url}/livez`);
  await expectAccessible(page, "a wrong secret");
  await page.getByRole("button", { name: "Copy report" }).click();
  const copied = () => page.evaluate(() => navigator.clipboard.readText());
  await expect.poll(copied).toContain("The server sends heartbeats, but with the wrong secret.");
  const report = await copied();
  expect(report).toContain(String(refused.fingerprint));
  expect(report).not.toContain("iqn_");

  await test.step("the right file, and the page says so without a reload", async () => {
    await running.shift()?.kill();
    running.push(await server.startNode(wrong.snippet));
    await expect(page.getByRole("region", { name: "It sends heartbeats, and they are accepted." })).toBeVisible();
    await expect(heading(page, /^Diagnosis of /)).toBeVisible();
  });
});

test("a stopped node: since when, and that its neighbours are fine", async ({ page, server }) => {
  await signedIn(page, server);
  await page.goto(`/nodes/${stopped.node.id}/diagnose`);
  await expect(page.getByRole("region", { name: /^Its heartbeats stopped at .*, without a goodbye\.$/ })).toBeVisible();
  const evidence = page.getByRole("region", { name: "Evidence" });
  await expect(evidence).toContainText(/Last heartbeat accepted at .* ago\); one is expected every 0\.5 s\./);
  await expect(evidence).toContainText("No heartbeat of it was refused in the last 15 minutes");
  await expect(evidence).toContainText(`Others in ${region}: 2 of 2 report.`);
  await expect(evidence).toContainText(/Version \S+/);
  await page.getByRole("button", { name: "Run again" }).click();
  await expect(evidence).toBeVisible();
  await expectAccessible(page, "a stopped node");
});

test("a problem has an address, also after it is over", async ({ page, server }) => {
  await signedIn(page, server);
  await page.goto("/dashboard");
  const attention = page.getByRole("region", { name: "Needs attention" });
  const row = attention.getByRole("listitem").filter({ hasText: /is offline in / });
  await row.getByRole("button", { name: /^More about:/ }).click();
  await page.getByRole("menuitem", { name: "Details" }).click();
  await expect(page).toHaveURL(/\/problems\/node(:|%3A)/);
  await expect(heading(page, /is offline in /)).toBeVisible();
  await expect(page.getByRole("main").getByRole("link", { name: /^Diagnose / })).toBeVisible();
  await expectAccessible(page, "a problem");
  await page.reload();
  await expect(heading(page, /is offline in /)).toBeVisible();
  await page.goto("/problems/node:nowhere");
  await expect(heading(page, "This problem is over")).toBeVisible();
});
