// A server that nobody registered: its claims, ignoring it, and registering it.
import { randomBytes } from "node:crypto";
import { freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "unregistered" });

test("an unregistered server is listed with its claims, ignored, and registered", async ({ page, server, api }) => {
  const region = await api.createRegion("OM", `stranger-${await freePort()}`);
  const secret = `iqn_${randomBytes(24).toString("hex")}`;
  const reply = await fetch(`${server.url}/api/v1/node/heartbeat`, {
    method: "POST",
    headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
    body: JSON.stringify({ bootId: "b", seq: 1, nodeId: "stranger-1", regionId: region, kind: "proxy" }),
  });
  expect(reply.status).toBe(401);

  await signedIn(page, server);
  await page.goto("/nodes");
  await expect(pill(page)).toHaveText("Live");
  await page.getByRole("link", { name: "Unregistered nodes" }).click();
  await expect(heading(page, "Unregistered nodes")).toBeVisible();
  const row = page.getByRole("article", { name: "From 127.0.0.1" });
  await expect(row).toContainText("It claims to be");
  await expect(row).toContainText("stranger-1");
  await expect(row).toContainText(region);
  await expect(row).toContainText("No node has this secret.");
  await expectAccessible(page);

  await test.step("ignored, it stays until the page is left, and can be undone", async () => {
    await row.getByRole("button", { name: "Ignore" }).click();
    await expect(row).toContainText("Ignored by admin@localhost");
    await page.reload();
    await expect(page.getByRole("heading", { name: "No unregistered nodes" })).toBeVisible();
    await page.getByRole("button", { name: "Show ignored (1)" }).click();
    await row.getByRole("button", { name: "Undo" }).click();
    await expect(row.getByRole("button", { name: "Ignore" })).toBeVisible();
  });

  await test.step("register it: the form begins with its claims", async () => {
    await row.getByRole("link", { name: "Register it" }).click();
    await expect(heading(page, "Add proxy")).toBeVisible();
    await expect(page).toHaveURL(new RegExp(`/regions/${region}/nodes/new\\?kind=proxy`));
    await expect(page.getByRole("textbox", { name: "Endpoint" })).toHaveValue(/127\.0\.0\.1/);
    await expect(page.getByText("It gets a secret of its own")).toBeVisible();
  });
});
