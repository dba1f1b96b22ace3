// A node's secret is rotated while the node beats: both work, then the old one ends.
import { freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "rotate" });

test("a rotated secret works beside the old one until that is revoked", async ({ page, server, api }) => {
  const region = await api.createRegion("US", `rotate-${await freePort()}`);
  const made = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`, { displayName: "rotated" });
  const node = await server.startNode(made.snippet);
  await signedIn(page, server);
  await page.goto(`/nodes/${made.node.id}/settings`);
  await expect(heading(page, "rotated")).toBeVisible();
  await expect(pill(page)).toHaveText("Live");
  const online = page.getByRole("main").getByText("Online", { exact: true });
  await expect(online).toBeVisible();
  const card = page.getByRole("region", { name: "API secret" });
  await expect(card).toContainText("The node uses the newest secret", { useInnerText: true });
  await expect(card.getByRole("button", { name: "Revoke the previous one…" })).toHaveAttribute("aria-disabled", "true");

  const dialog = page.getByRole("dialog", { name: "Rotate the secret of rotated" });
  const confirm = dialog.getByRole("button", { name: "Rotate the secret of rotated" });
  await test.step("nothing is rotated before the name is typed", async () => {
    await card.getByRole("button", { name: "Rotate secret…" }).click();
    const name = dialog.getByRole("textbox", { name: "Type rotated to confirm" });
    await expect(name).toBeFocused();
    await expect(dialog).toContainText("Online now, 0 calls run on it.");
    for (const typed of ["", "rotate"]) {
      await name.fill(typed);
      await page.keyboard.press("Enter");
      await expect(name).toHaveAttribute("aria-invalid", "true");
      await expect(dialog).toContainText("Type the name first");
      await expect(name).toBeFocused();
    }
    await name.fill("");
    await page.keyboard.press("Escape");
    await expect(dialog).toBeHidden();
    expect((await api.node(made.node.id)).secret.previousUntil).toBeNull();
  });
  await test.step("a secret of one's own that is too short is refused at its field", async () => {
    await card.getByRole("button", { name: "Rotate secret…" }).click();
    await dialog.getByRole("checkbox", { name: "Use a secret of my own" }).check();
    await dialog.getByLabel("Secret of your own").fill("short");
    await dialog.getByRole("textbox", { name: "Type rotated to confirm" }).fill("rotated");
    await confirm.click();
    await expect(dialog.getByLabel("Secret of your own")).toHaveAttribute("aria-invalid", "true");
    await dialog.getByRole("checkbox", { name: "Use a secret of my own" }).uncheck();
    await expectAccessible(page);
  });

  let settings = "";
  await test.step("rotate with an overlap of one hour: the node stays Online with the old one", async () => {
    await dialog.getByRole("combobox", { name: "The old one works for" }).selectOption("1 hour more");
    await confirm.click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText("Shown once")).toBeVisible();
    const done = page.getByRole("button", { name: "Done" });
    await expect(done).toHaveAttribute("aria-disabled", "true");
    await page.getByRole("button", { name: "Reveal" }).click();
    settings = (await page.getByRole("region", { name: "appsettings.json" }).textContent()) ?? "";
    const plain = await page.getByRole("textbox", { name: "API secret" }).inputValue();
    expect(plain).not.toBe(made.plainSecret);
    expect(JSON.parse(settings)).toMatchObject({ Server: { ApiKey: plain } });
    await page.getByRole("checkbox", { name: "I have stored the secret" }).check();
    await done.click();
    await expect(page.getByText("Shown once")).toBeHidden();
    expect(await page.content()).not.toContain(plain);
    await expect(card).toContainText("The node uses the secret before it", { useInnerText: true });
    await expect(card).toContainText("The newest secret is not used yet.");
    await expect(online).toBeVisible();
    node.check();
  });

  await test.step("revoking now would end its heartbeats, and says so", async () => {
    await card.getByRole("button", { name: "Revoke the previous one…" }).click();
    const revoke = page.getByRole("dialog", { name: "Revoke the previous secret of rotated" });
    await expect(revoke).toContainText("Its heartbeats will be refused");
    await expect(revoke.getByRole("textbox", { name: "Type rotated to confirm" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(revoke).toContainText("Type the name first");
    await page.keyboard.press("Escape");
    await expect(revoke).toBeHidden();
    await expect(card).toContainText("The node uses the secret before it", { useInnerText: true });
  });

  await test.step("with the new file, the old one is safe to revoke", async () => {
    await node.stop();
    const again = await server.startNode(settings);
    await expect(card).toContainText("The node uses the newest secret. The one before it can be revoked.");
    await card.getByRole("button", { name: "Revoke the previous one…" }).click();
    const revoke = page.getByRole("dialog", { name: "Revoke the previous secret of rotated" });
    await revoke.getByRole("button", { name: /^Revoke/ }).click();
    await expect(card).toContainText("Only the newest secret works.");
    await expect(online).toBeVisible();
    again.check();
  });

  await test.step("the old secret is refused", async () => {
    const reply = await fetch(`${server.url}/api/v1/node/heartbeat`, {
      method: "POST",
      headers: { authorization: `Bearer ${made.plainSecret}`, "content-type": "application/json" },
      body: JSON.stringify({ bootId: "old", seq: 1 }),
    });
    expect(reply.status).toBe(401);
  });
});
