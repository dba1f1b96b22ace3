// The main job, as an operator does it: from an empty console to a server that beats, falls silent and comes back.
import type { Page } from "@playwright/test";
import { Refused } from "../support/api.ts";
import { type Process, eventually, freePort } from "../support/processes.ts";
import { TIMERS } from "../support/server.ts";
import { expect, expectAccessible, heading, pill, signIn, test } from "../support/test.ts";
import { collect, collected, mark, marked } from "../support/watch.ts";

test.use({ world: "story", permissions: ["clipboard-read", "clipboard-write"] });
test.describe.configure({ mode: "serial", timeout: 120_000 });

/** The key figures of the dashboard show so many backends as active, of so many. */
async function expectBackends(dashboard: Page, active: number, total: number): Promise<void> {
  const shown = new RegExp(`^Backend nodes · active / total\\s+${active} / ${total}$`, "m");
  await expect(dashboard.getByRole("region", { name: "Key figures" })).toContainText(shown, { useInnerText: true });
}

/** The settings of the node, kept by the first test for the second. */
let settings = "";
let nodeId = "";

/** Opens the dashboard in a second tab, which is watched like the first. */
async function openDashboard(page: Page): Promise<Page> {
  const dashboard = await page.context().newPage();
  await dashboard.goto("/dashboard");
  await expect(pill(dashboard)).toHaveText("Live");
  await mark(dashboard);
  return dashboard;
}

test("a backend is added, beats, falls silent and comes back", async ({ page, server, guard }) => {
  await signIn(page);
  await mark(page);
  const setup = page.getByRole("region", { name: "Set up the platform" });
  await expect(page.getByText("No node is registered yet.")).toBeVisible();

  await test.step("add the region US-EAST-1", async () => {
    await setup.getByRole("link", { name: "Add region" }).click();
    await expect(heading(page, "Add region")).toBeFocused();
    const preview = page.getByRole("status", { name: /^Region ID/ });
    const country = page.getByRole("combobox", { name: "Country" });
    await country.pressSequentially("united st");
    await page.getByRole("option", { name: "United States US" }).click();
    await expect(country).toHaveValue("United States");
    const name = page.getByRole("textbox", { name: "Region name" });
    await name.pressSequentially("us-e");
    await expect(preview).toHaveText("US-E");
    await name.pressSequentially("ast-1");
    await expect(preview).toHaveText("US-EAST-1");
    await expect(page.getByText("This Region ID is free.")).toBeVisible();
    await page.getByRole("button", { name: "Create region" }).click();
    await expect(heading(page, "US-EAST-1")).toBeVisible();
  });

  const port = await freePort();
  await test.step("add a backend", async () => {
    await page.getByRole("link", { name: "Add backend" }).click();
    await expect(heading(page, "Add backend")).toBeVisible();
    await expect(page.getByRole("textbox", { name: "SIP port" })).toHaveValue("5080");
    await page.getByRole("textbox", { name: "Endpoint" }).fill(`127.0.0.1:${port}`);
    await expect(page.getByText(`We will call http://127.0.0.1:${port}`)).toBeVisible();
    await page.getByRole("button", { name: "Register node" }).click();
    await expect(heading(page, "Connect the server")).toBeVisible();
    await expect(page.getByRole("heading", { name: "Waiting for the first heartbeat" })).toBeVisible();
  });

  await test.step("take the secret and the file off the page", async () => {
    const secret = page.getByRole("textbox", { name: "API secret" });
    const file = page.getByRole("region", { name: "appsettings.json" });
    await expect(secret).toHaveValue(/•/);
    await expect(file).toContainText("•");
    await page.getByRole("button", { name: "Reveal" }).click();
    const plain = await secret.inputValue();
    expect(plain).toMatch(/^iqn_\w{20,}$/);
    await page.getByRole("button", { name: "Copy secret" }).click();
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(copied).toBe(plain);
    settings = (await file.textContent()) ?? "";
    expect(JSON.parse(settings)).toMatchObject({ Server: { RegionId: "US-EAST-1", ApiKey: plain } });
    await page.getByRole("button", { name: "Copy snippet" }).click();
    await expect.poll(copied).toBe(settings);
    const coming = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download appsettings.json" }).click();
    const download = await coming;
    expect(download.suggestedFilename()).toBe("appsettings.json");
    expect(await text(await download.createReadStream())).toBe(settings);
    nodeId = new URL(page.url()).pathname.split("/")[2] ?? "";
    expect(page.url()).not.toContain(plain);
  });

  const dashboard = await openDashboard(page);
  guard.watch(dashboard, server.url);
  await expectBackends(dashboard, 0, 1);

  let node: Process = await server.startNode(settings);
  await test.step("the first heartbeat arrives: 0/1 becomes 1/1", async () => {
    await expect(page.getByRole("heading", { name: "The server is online" })).toBeVisible();
    await expect(page.getByText("Heartbeat accepted")).toBeVisible();
    await expectBackends(dashboard, 1, 1);
    node.check();
  });

  await test.step("kill -9: Stale, then Offline", async () => {
    // The secret is safe by now, so that nothing asks before the page is left.
    await page.getByRole("navigation", { name: "Breadcrumb" }).getByRole("link", { name: "US-EAST-1" }).click();
    await page.locator("nav.tabs").getByRole("link", { name: /^Nodes/ }).click();
    await expect(page.getByRole("row", { name: /Online/ })).toBeVisible();
    await collect(page);
    await node.kill();
    await expect(page.getByRole("row", { name: /Offline/ })).toBeVisible();
    // A server that the machine itself holds up judges nobody for a moment; that is no step of the node.
    const words = (await collected(page)).status.filter((word) => word !== "Unconfirmed");
    expect(words).toEqual(["Online", "Stale", "Offline"]);
  });

  await test.step("the dashboard says how to fix 0/1", async () => {
    await expectBackends(dashboard, 0, 1);
    const figures = dashboard.getByRole("region", { name: "Key figures" });
    await figures.getByRole("button", { name: "How to fix 0/1 in US-EAST-1" }).click();
    const help = dashboard.getByRole("dialog", { name: "Why 0/1?" });
    await expect(help).toContainText("Check the firewall and appsettings.json on that server.");
    await expectAccessible(dashboard);
    await dashboard.getByRole("button", { name: "Close" }).click();
    await expect(help).toBeHidden();
    const attention = dashboard.getByRole("region", { name: "Needs attention" });
    await expect(attention).toContainText("No backend is online in US-EAST-1");
    await expect(dashboard).toHaveTitle(/^\(\d+\) Dashboard · Infrastructure$/);
  });

  await test.step("started again, it is Online", async () => {
    node = await server.startNode(settings);
    await expect(page.getByRole("row", { name: /Online/ })).toBeVisible();
    await expectBackends(dashboard, 1, 1);
    await expect(dashboard).toHaveTitle("Dashboard · Infrastructure");
    node.check();
  });
  expect([await marked(page), await marked(dashboard)], "no page was loaded again").not.toContain(undefined);
});

test("a restart of the server never shows the node Offline", async ({ page, server, api, guard }) => {
  await signIn(page);
  await mark(page);
  const dashboard = await openDashboard(page);
  guard.watch(dashboard, server.url);
  await page.getByRole("link", { name: /^Nodes/ }).click();
  await expect(page.getByRole("row", { name: /Online/ })).toBeVisible();
  await collect(page);
  const answers = new Set<string>();
  const watching = poll(async () => {
    const { status, liveness } = await api.node(nodeId);
    answers.add(`${status.word} (${liveness})`);
  });

  for (const [how, away] of [
    ["SIGTERM", () => server.down()],
    ["kill -9", () => server.kill()],
  ] as const) {
    await test.step(how, async () => {
      await guard.expecting(/net::ERR_/, async () => {
        await away();
        await expect(pill(page)).toHaveText(/^(Delayed|Disconnected)/);
        await server.up();
        await expect(pill(page)).toHaveText("Live");
        await expect(pill(dashboard)).toHaveText("Live");
      });
      const up = Date.now();
      // Past the time in which silence would have been noticed, if the node had been judged by it.
      await eventually("the node beats long after the restart", 15_000, async () => {
        const { lastHeartbeatAt } = await api.node(nodeId);
        const at = Date.parse(lastHeartbeatAt ?? "");
        return at > up + TIMERS.offline + 2 * TIMERS.interval ? true : undefined;
      });
      await expect(page.getByRole("row", { name: /Online/ })).toBeVisible();
      await expectBackends(dashboard, 1, 1);
    });
  }

  await watching.end();
  const { status, pill: pills } = await collected(page);
  expect(status, "words of the row").not.toContain("Offline");
  expect(status, "words of the row").not.toContain("Stale");
  expect(status.at(-1)).toBe("Online");
  const lives = pills.filter((word) => word === "Live").length;
  expect(lives, `Live, and twice again: ${pills}`).toBeGreaterThanOrEqual(3);
  expect([...answers].filter((answer) => !/^(online \(live\)|unconfirmed \()/.test(answer)), "the API").toEqual([]);
  expect(answers).toContain("online (live)");
  expect([await marked(page), await marked(dashboard)], "no page was loaded again").not.toContain(undefined);
});

/** Looks again and again until `end`; while the server starts or stops nobody answers, or it says 503. */
function poll(look: () => Promise<void>): { end(): Promise<void> } {
  let going = true;
  const loop = (async () => {
    while (going) {
      await look().catch((error: unknown) => {
        const away = error instanceof TypeError || (error instanceof Refused && error.status === 503);
        if (!away) throw error;
      });
      await new Promise((resume) => setTimeout(resume, 25));
    }
  })();
  // Until `end` awaits it, a failure is only kept.
  loop.catch(() => {});
  return {
    async end() {
      going = false;
      await loop;
    },
  };
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let all = "";
  for await (const chunk of stream) all += String(chunk);
  return all;
}
