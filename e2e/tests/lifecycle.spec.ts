// Nodes are taken out of service and come back: maintenance, drain, shutdown, disable, delete, with real processes that a
// service manager restarts.
import type { Locator, Page } from "@playwright/test";
import type { Created, NodeView } from "../support/api.ts";
import { type Supervisor, eventually, freePort } from "../support/processes.ts";
import { TIMERS } from "../support/server.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "lifecycle" });

/** A node as far as these stories read it. */
interface Lived extends NodeView {
  bootId: string | null;
  accepts: { inbound: boolean | null; outbound: boolean | null; web: boolean | null } | null;
  sessions: { phone: number | null; web: number | null } | null;
  drain: { phase: string; left: number | null } | null;
  intent: { state: string };
}

/** The button of the row below the heading. */
function action(page: Page, name: string | RegExp): Locator {
  return page.getByRole("group", { name: "Actions" }).getByRole("button", { name, exact: typeof name === "string" });
}

/** Delete is in the menu at the end of the row. */
async function askToDelete(page: Page): Promise<void> {
  await action(page, "More actions").click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
}

/** Fills what a dialog of this row asks for and sends it: the reason, the tick where it is blocked, the typed name. */
async function confirm(page: Page, title: string | RegExp, reason: string, send = true): Promise<Locator> {
  const dialog = page.getByRole("dialog", { name: title });
  await expect(dialog).toBeVisible();
  const why = dialog.getByRole("textbox", { name: "Reason" });
  if (reason) await why.fill(reason);
  // The preview decides whether there is a tick and what has to be typed.
  await expect(dialog.getByText(/^It reaches/)).toBeVisible();
  const tick = dialog.getByRole("checkbox", { name: "I understand, and want it anyway" });
  if (await tick.isVisible()) await tick.check();
  const typed = dialog.getByRole("textbox", { name: /^Type .+ to confirm/ });
  if (await typed.isVisible()) {
    const label = await dialog.getByText(/^Type .+ to confirm/).innerText();
    await typed.fill(/^Type (.+) to confirm/.exec(label)?.[1] ?? "");
  }
  if (send) await dialog.locator("button[type=submit]").click();
  return dialog;
}

/** A registered backend that runs under a restart loop, on its page, with calls. */
async function backend(
  { page, server, api }: { page: Page; server: import("../support/server.ts").Server; api: import("../support/api.ts").Api },
  calls: string[],
): Promise<{ made: Created; name: string; region: string; loop: Supervisor }> {
  const region = await api.createRegion("OM", `life-${await freePort()}`);
  const name = `127.0.0.1:${await freePort()}`;
  const made = await api.createNode(region, "backend", name);
  const loop = await server.supervise(made.snippet, calls);
  await signedIn(page, server);
  await page.goto(`/nodes/${made.node.id}`);
  await expect(pill(page)).toHaveText("Live");
  await expect(status(page)).toHaveText(/^Online/, { timeout: 20_000 });
  return { made, name, region, loop };
}

/** The badge beside the heading. */
function status(page: Page): Locator {
  return page.locator("main .hd [data-status]").first();
}

/** The card of the drain. */
function drain(page: Page): Locator {
  return page.getByRole("region", { name: /^Drain/ });
}

/** Waits until the node reports so many calls. */
async function busy(api: import("../support/api.ts").Api, id: string, least: number): Promise<void> {
  await eventually(`${least} calls`, 20_000, async () => {
    const node = (await api.node(id)) as Lived;
    return (node.sessions?.phone ?? 0) + (node.sessions?.web ?? 0) >= least ? true : undefined;
  });
}

test("maintenance, drain, shutdown, back, still in maintenance, released", async ({ page, server, api }) => {
  test.setTimeout(120_000);
  const { made, region, loop } = await backend({ page, server, api }, ["--calls", "3", "--call-seconds", "6..12"]);
  const id = made.node.id;
  try {
    await busy(api, id, 3);
    await test.step("the last live backend: the dialog says what it takes, and asks for the region's name", async () => {
      await action(page, "Maintenance…").click();
      const dialog = page.getByRole("dialog", { name: /^Turn on maintenance for node/ });
      await expect(dialog.getByRole("textbox", { name: "Reason" })).toBeFocused();
      await expect(dialog.getByText(`It takes the last live backend in ${region}`)).toBeVisible();
      await dialog.locator("button[type=submit]").click();
      await expect(dialog.getByRole("alert").filter({ hasText: "to correct" })).toBeFocused();
      await expect(dialog.getByRole("textbox", { name: `Type ${region} to confirm` })).toBeVisible();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
      await expect(dialog).toBeHidden();
      await expect(action(page, "Maintenance…")).toBeFocused();
    });
    await action(page, "Maintenance…").click();
    const sent = await confirm(page, /^Turn on maintenance/, "Update to the next version");
    await expect(sent).toBeHidden();

    await test.step("calls count down to zero", async () => {
      const seen: number[] = [];
      await expect(drain(page)).toBeVisible();
      await expect(drain(page).getByText("Acknowledged: no new calls")).toBeVisible();
      await expect(drain(page).getByText("Incoming calls: closed")).toBeVisible();
      await expect
        .poll(
          async () => {
            const [text = ""] = await drain(page).locator(".drain-left").allTextContents();
            const left = /^(\d+)/.exec(text)?.[1];
            if (left !== undefined && seen.at(-1) !== Number(left)) seen.push(Number(left));
            return await drain(page).getByText(/^Safe to stop/).isVisible();
          },
          { timeout: 30_000, intervals: [100] },
        )
        .toBe(true);
      expect(seen[0]).toBeGreaterThan(0);
      expect([...seen].sort((a, b) => b - a)).toEqual(seen);
      await expect(status(page)).toHaveText(/^Maintenance/);
      await expectAccessible(page);
    });

    const boot = ((await api.node(id)) as Lived).bootId;
    await test.step("one click on Shut down, one restart", async () => {
      await action(page, "Shut down…").click();
      await expect(await confirm(page, /^Shut down node/, "New version is installed")).toBeHidden();
      const receipt = page.locator("article.receipt").first();
      await expect(receipt).toHaveAttribute("data-state", "done", { timeout: 20_000 });
      await expect(receipt).toContainText("Asked for by admin@localhost");
      await expect(receipt).toContainText("Delivered with a heartbeat");
      await eventually("the process came back", 20_000, async () => {
        const node = (await api.node(id)) as Lived;
        return node.liveness === "live" && node.bootId !== boot ? true : undefined;
      });
      expect(loop.codes).toEqual([75]);
      expect(loop.runs).toHaveLength(2);
    });

    await test.step("it is still in maintenance", async () => {
      await expect(status(page)).toHaveText(/^Maintenance/);
      const node = (await api.node(id)) as Lived;
      expect(node.intent.state).toBe("maintenance");
      await expect(drain(page).getByText(/^Safe to stop/)).toBeVisible();
    });

    await test.step("released, it takes calls", async () => {
      await action(page, "End maintenance").click();
      await expect(status(page)).toHaveText(/^Online/);
      await expect(drain(page)).toBeHidden();
      await expect(action(page, "Maintenance…")).toBeFocused();
      await busy(api, id, 1);
      const node = (await api.node(id)) as Lived;
      expect(node.accepts?.inbound).toBe(true);
      expect(loop.codes).toEqual([75]);
    });
  } finally {
    await loop.kill();
  }
});

test("a disabled node drains, ends, stays down under a restart loop, and is deleted", async ({ page, server, api }) => {
  test.setTimeout(120_000);
  const { made, name, loop } = await backend({ page, server, api }, ["--calls", "2", "--call-seconds", "2..5"]);
  const id = made.node.id;
  try {
    await busy(api, id, 2);
    await action(page, "Disable…").click();
    await expect(await confirm(page, /^Disable node/, "The server is retired")).toBeHidden();
    await expect(drain(page).or(page.locator("[data-status=disabled]")).first()).toBeVisible();
    await eventually("the process has ended", 30_000, async () => (loop.running ? undefined : true));
    expect(loop.codes).toEqual([0]);
    await expect(status(page)).toHaveText(/^Disabled/);

    await askToDelete(page);
    const dialog = page.getByRole("dialog", { name: `Delete node ${name}` });
    const list = dialog.getByRole("listitem");
    await expect(list.filter({ hasText: "Disabled" }).first()).toHaveAttribute("data-met", "true");
    // Silence has to last before it counts.
    await expect(dialog.locator("[data-met=false]")).toHaveCount(0, { timeout: 20_000 });
    await expectAccessible(page);
    const submit = dialog.locator("button[type=submit]");
    await submit.click();
    await expect(dialog.getByRole("alert").filter({ hasText: "to correct" })).toContainText("Type the name first");
    await dialog.getByRole("textbox", { name: `Type ${name} to confirm` }).fill(name);
    await submit.click();
    await expect(heading(page, "Nodes")).toBeVisible();
    await expect(page.getByRole("status").filter({ hasText: `${name} is deleted.` })).toBeAttached();
    const gone = await fetch(`${server.url}/api/v1/nodes/${id}`).then((reply) => reply.status);
    expect([401, 404]).toContain(gone);
    await expect(api.node(id)).rejects.toThrow(/404/);
    // The loop had every reason to start it again, and none: it ended with success.
    expect(loop.runs).toHaveLength(1);
  } finally {
    await loop.kill();
  }
});

test("a drain is cancelled and the calls go on", async ({ page, server, api }) => {
  test.setTimeout(90_000);
  const { made, loop } = await backend({ page, server, api }, ["--calls", "2", "--call-seconds", "40..60"]);
  const id = made.node.id;
  try {
    await busy(api, id, 2);
    await action(page, "Maintenance…").click();
    await expect(await confirm(page, /^Turn on maintenance/, "By mistake")).toBeHidden();
    await expect(drain(page).getByText("Acknowledged: no new calls")).toBeVisible();
    await expect(status(page)).toHaveText("Draining · 2 left");
    await drain(page).getByRole("button", { name: "Cancel maintenance" }).click();
    await expect(drain(page)).toBeHidden();
    await expect(status(page)).toHaveText(/^Online/);
    await eventually("it takes calls again", 10_000, async () => {
      const node = (await api.node(id)) as Lived;
      return node.accepts?.inbound && node.drain === null ? true : undefined;
    });
    await busy(api, id, 2);
    expect(loop.codes).toEqual([]);
  } finally {
    await loop.kill();
  }
});

test("a delete is refused, before the click and after it", async ({ page, server, api, guard }) => {
  const region = await api.createRegion("OM", `kept-${await freePort()}`);
  const name = `127.0.0.1:${await freePort()}`;
  const made = await api.createNode(region, "backend", name);
  const id = made.node.id;
  let seq = 0;
  const beat = async () => {
    const reply = await fetch(`${server.url}/api/v1/node/heartbeat`, {
      method: "POST",
      headers: { authorization: `Bearer ${made.plainSecret}`, "content-type": "application/json" },
      body: JSON.stringify({ bootId: "one", seq: ++seq, sessions: { phone: 0, web: 0, max: 5 } }),
    });
    expect(reply.status).toBe(200);
  };
  await beat();
  await signedIn(page, server);
  await page.goto(`/nodes/${id}`);
  await expect(pill(page)).toHaveText("Live");
  const dialog = page.getByRole("dialog", { name: `Delete node ${name}` });
  const submit = dialog.locator("button[type=submit]");

  await test.step("it is off until the node is disabled and silent, and says so", async () => {
    await action(page, "More actions").click();
    const item = page.getByRole("menuitem", { name: "Delete…" });
    await expect(item).toBeDisabled();
    await expect(item).toContainText("disabled and silent");
    await page.keyboard.press("Escape");
    await expect(item).toBeHidden();
  });

  await action(page, "Disable…").click();
  await expect(await confirm(page, /^Disable node/, "Retired")).toBeHidden();
  await askToDelete(page);
  await expect(dialog.locator("[data-met=true]")).toHaveCount(5, { timeout: TIMERS.offline * 4 });
  await dialog.getByRole("textbox", { name: /to confirm/ }).fill(name);

  await test.step("the server looks again: a heartbeat in the last moment", async () => {
    // From here on the page knows nothing newer than that all of it holds.
    const known = await api.text(`/api/v1/nodes/${id}/deletion`);
    let sent = false;
    page.on("request", (request) => (sent ||= request.method() === "DELETE"));
    await page.route(/\/deletion/, async (route) => {
      // What the refusal says stands: the look of every few seconds gets no answer any more.
      if (!sent) await route.fulfill({ contentType: "application/json", body: known });
    });
    await guard.expecting(/status of 409/, async () => {
      await beat();
      await submit.click();
      await expect(dialog.getByRole("alert")).toContainText("The delete was refused. This is how it stands now.");
    });
    await expect(dialog.locator("[data-met=false]").filter({ hasText: "Silent" })).toBeVisible();
    expect((await api.node(id)).id).toBe(id);
  });
});
