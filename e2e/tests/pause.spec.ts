// The person stops the figures: nothing moves, nothing is lost, and failures are still told.
import { eventually, freePort } from "../support/processes.ts";
import { said, watchPaint } from "../support/painted.ts";
import { expect, expectAccessible, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "pause" });

test("a pause stops every figure, tells failures, and ends with what was missed", async ({ page, server, api }) => {
  const region = await api.createRegion("PT", `pause-${await freePort()}`);
  const made = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`, { displayName: "pausing" });
  const node = await server.startNode(made.snippet);
  try {
    await signedIn(page, server);
    await page.goto(`/regions/${region}/nodes`);
    const row = page.locator("tbody tr").first();
    await expect(row).toContainText("Online");
    await expect(pill(page)).toHaveText("Live");
    await watchPaint(page);

    await page.getByRole("banner").getByRole("button", { name: "Pause updates" }).click();
    await expect(pill(page)).toHaveText(/^Paused \d\d:\d\d:\d\d/);
    const still = await page.getByRole("main").innerText();
    await node.kill();
    await eventually("the server knows that the node is gone", 15_000, async () =>
      (await api.node(made.node.id)).liveness === "offline" ? true : undefined,
    );
    await expect(pill(page)).toHaveText(/^Paused \d\d:\d\d:\d\d · \d+ changes?$/);
    await expect.poll(async () => (await said(page)).join(" "), "the failure is told").toMatch(/PT-PAUSE/i);
    expect(await page.getByRole("main").innerText(), "nothing on the page has moved").toBe(still);
    await expectAccessible(page, "paused");

    await test.step("the details", async () => {
      await pill(page).click();
      const details = page.getByRole("group", { name: "Connection" });
      await expect(details).toContainText("Figures stand still.");
      await expect(details.getByRole("button", { name: "Every second" })).toHaveAttribute("aria-pressed", "true");
      await expect(details).toContainText("Holds the connection");
      await expect(details).toContainText("Agrees with the server");
      await expectAccessible(page, "details of the connection");
      await details.getByRole("button", { name: "Refresh now" }).click();
      await expect(row, "brought to this moment, once").toContainText("Offline");
      await expect(pill(page)).toHaveText(/^Paused/);
      await page.keyboard.press("Escape");
      await expect(details).toBeHidden();
    });

    const again = await server.startNode(made.snippet);
    await eventually("the node is back", 15_000, async () =>
      (await api.node(made.node.id)).liveness === "live" ? true : undefined,
    );
    await expect(row).toContainText("Offline");
    await page.getByRole("banner").getByRole("button", { name: "Resume updates" }).click();
    await expect(pill(page)).toHaveText("Live");
    await expect(row).toContainText("Online");
    await again.stop();
  } finally {
    await node.kill();
  }
});

test("figures change as seldom as one likes, and status words at once", async ({ page, server, api }) => {
  const region = await api.createRegion("PL", `seldom-${await freePort()}`);
  const made = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`, { displayName: "seldom" });
  const node = await server.startNode(made.snippet);
  try {
    await signedIn(page, server);
    await page.goto(`/regions/${region}/nodes`);
    const row = page.locator("tbody tr").first();
    await expect(row).toContainText("Online");
    await pill(page).click();
    const details = page.getByRole("group", { name: "Connection" });
    await details.getByRole("button", { name: "Every 30 s" }).click();
    await expect(details.getByRole("button", { name: "Every 30 s" })).toHaveAttribute("aria-pressed", "true");
    await page.keyboard.press("Escape");
    await node.kill();
    await expect(row).toContainText("Offline");
    await expect(pill(page)).toHaveText("Live");
  } finally {
    await node.kill();
  }
});
