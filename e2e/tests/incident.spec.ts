// Several nodes of one region are killed at once: one incident and not three problems, Offline on time, and it clears.
import { type Process, eventually, freePort } from "../support/processes.ts";
import { TIMERS } from "../support/server.ts";
import { expect, expectAccessible, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "incident" });

test("three nodes killed at once are one incident", async ({ page, server, api }) => {
  const region = await api.createRegion("OM", "incident");
  const nodes: Process[] = [];
  const ids: string[] = [];
  const files: string[] = [];
  try {
    for (const kind of ["backend", "backend", "proxy"]) {
      const created = await api.createNode(region, kind, `127.0.0.1:${await freePort()}`);
      ids.push(created.node.id);
      files.push(created.snippet);
      nodes.push(await server.startNode(created.snippet));
    }
    for (const id of ids) {
      await eventually(`node ${id} is live`, 20_000, async () => ((await api.node(id)).liveness === "live" ? true : undefined));
    }
    await signedIn(page, server);
    await page.goto("/dashboard");
    await expect(pill(page)).toHaveText("Live");
    // The last heartbeats count: silence begins with them.
    await Promise.all(nodes.map((node) => node.kill()));
    const killed = Date.now();
    // Offline is looked for beside the page: what the page needs is no matter of the server's.
    const judged = Promise.all(
      ids.map((id) =>
        eventually(`node ${id} is offline`, TIMERS.offline + 6_000, async () => {
          const { liveness, lastHeartbeatAt } = await api.node(id);
          const now = Date.now();
          return liveness === "offline" ? { silent: now - Date.parse(lastHeartbeatAt ?? ""), after: now - killed } : undefined;
        }),
      ),
    );
    // Until it is awaited, a failure is only kept.
    judged.catch(() => {});
    const attention = page.getByRole("region", { name: "Needs attention" });
    const incident = attention.getByRole("listitem").filter({ hasText: `fell silent together in ${region}` });
    await expect(incident).toHaveCount(1, { timeout: TIMERS.offline + 6_000 });
    await expect(incident).toContainText("3 nodes fell silent together");
    await expect(incident).toContainText(/Likely cause|The cause is not known/);
    // The incident begins with silence; Offline is a matter of time, not before it and not long after.
    for (const { silent, after } of await judged) {
      expect(silent, "not before its time").toBeGreaterThan(TIMERS.offline - 100);
      expect(after, "and on time").toBeLessThan(TIMERS.offline + 2_500);
    }
    await expect(incident).toHaveCount(1);
    await expect(attention.getByText(/^\S+ is offline/)).toHaveCount(0);
    await incident.getByText("3 nodes", { exact: true }).click();
    await expect(incident.getByRole("group").getByRole("listitem")).toHaveCount(3);
    await expectAccessible(page, "dashboard with an incident");

    await test.step("put aside, and taken up again", async () => {
      await incident.getByRole("button", { name: /^More about:/ }).click();
      await page.getByRole("menuitem", { name: "Snooze" }).click();
      const dialog = page.getByRole("dialog", { name: "Snooze this problem" });
      await dialog.getByRole("button", { name: "Snooze" }).click();
      await expect(dialog.getByRole("alert")).toHaveText("Say why.");
      await dialog.getByRole("textbox", { name: "Reason" }).fill("The power is off until noon");
      await dialog.getByRole("button", { name: "Snooze" }).click();
      await expect(incident).toHaveCount(0);
      await attention.getByText("1 snoozed").click();
      await expect(attention.getByText(/The power is off until noon/)).toBeVisible();
      await attention.getByRole("button", { name: "End the snooze" }).click();
      await expect(incident).toHaveCount(1);
    });

    await test.step("they come back, and it is seen to be over", async () => {
      for (const file of files) nodes.push(await server.startNode(file));
      await expect(attention.getByText("Over", { exact: true }).first()).toBeVisible({ timeout: 20_000 });
    });
  } finally {
    await Promise.all(nodes.map((node) => node.kill()));
  }
});
