// A region's storage: a test that fails at a closed port, then at a wrong key, then passes against a real S3 server.
import { freePort } from "../support/processes.ts";
import { Store } from "../support/store.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "storage" });

test("storage is tested, saved, and seen on the region's card", async ({ page, server, api }) => {
  const region = await api.createRegion("OM", `s3-${await freePort()}`);
  const store = await Store.start();
  await signedIn(page, server);
  await page.goto(`/regions/${region}`);
  await expect(pill(page)).toHaveText("Live");
  await page.getByRole("main").getByRole("link", { name: "No storage yet" }).click();
  await expect(page.getByRole("link", { name: "S3 storage" })).toHaveAttribute("aria-current", "page");
  await expect(page.getByRole("heading", { name: "No storage yet" })).toBeVisible();
  await page.getByRole("button", { name: "Configure" }).click();

  const endpoint = page.getByRole("textbox", { name: "Endpoint URL" });
  const secret = page.getByLabel("Secret key");
  const result = page.getByRole("region", { name: "Connection test" });
  const step = (name: string) => result.getByRole("listitem").filter({ hasText: name });
  const closed = `127.0.0.1:${await freePort()}`;
  await test.step("address and switch that contradict each other are caught while typing", async () => {
    await endpoint.fill(`https://${closed}`);
    await expect(page.getByText("The address begins with https:// while SSL is off.")).toBeVisible();
    await page.getByRole("button", { name: "Turn SSL on" }).click();
    await expect(page.getByRole("checkbox", { name: "Use SSL (HTTPS)" })).toBeChecked();
    await expect(page.getByText("The address begins with")).toBeHidden();
    await endpoint.fill(`http://${closed}`);
    await page.getByRole("button", { name: "Turn SSL off" }).click();
    await expect(page.getByText(`Requests go to http://${closed}/iqra`)).toBeVisible();
  });

  await test.step("what is missing is said at its field", async () => {
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await expect(page.getByRole("alert").filter({ hasText: "to correct" })).toBeFocused();
    await expect(page.getByRole("textbox", { name: "Access key" })).toHaveAttribute("aria-invalid", "true");
  });

  await test.step("a closed port", async () => {
    await page.getByRole("textbox", { name: "Access key" }).fill(Store.full.access);
    await secret.fill("some-other-secret-key");
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await expect(result).toContainText("Connection test failed at step 3: Port opens");
    await expect(step("Name resolves")).toContainText("Passed");
    await expect(step("Port opens")).toContainText("Start the service, or check the port.");
    await expect(step("Write a test object")).toContainText("Not run");
    await expectAccessible(page);
  });

  await test.step("a wrong key", async () => {
    await endpoint.fill(store.url);
    await expect(result).toContainText("The values were changed after this test.");
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await expect(result).toContainText("Connection test failed at step 5: Credentials accepted");
    await expect(page.getByRole("heading", { name: "From this console" })).toBeHidden();
  });

  await test.step("a key that may only read", async () => {
    await page.getByRole("textbox", { name: "Access key" }).fill(Store.readOnly.access);
    await secret.fill(Store.readOnly.secret);
    await page.getByRole("button", { name: "Test", exact: true }).click();
    await expect(result).toContainText("Connection test failed at step 7: Write a test object");
    await expect(step("Write a test object").getByRole("button", { name: "Copy policy" })).toBeVisible();
  });

  await test.step("the right key passes and is saved", async () => {
    await page.getByRole("textbox", { name: "Access key" }).fill(Store.full.access);
    await secret.fill(Store.full.secret);
    await page.getByRole("button", { name: "Test and save" }).click();
    await expect(result).toContainText("Passed: 8 steps");
    await expect(page.getByText(/^Last changed .* by admin@localhost$/)).toBeVisible();
    await expect(page.getByText(/set .* by admin@localhost/)).toBeVisible();
    await expect(page.getByRole("button", { name: "Replace" })).toBeVisible();
    const main = page.getByRole("main");
    await expect(main.getByText(/^Healthy · since/).first()).toBeVisible();
    await expect(main.getByRole("link", { name: "No storage yet" })).toBeHidden();
    expect(await page.content()).not.toContain(Store.full.secret);
    await expectAccessible(page);
  });

  const card = page.getByRole("article").filter({ hasText: region });
  await test.step("the card says so", async () => {
    await page.getByRole("link", { name: /^Regions/ }).first().click();
    await expect(heading(page, "Regions")).toBeVisible();
    await expect(card).toContainText("Storage healthy");
  });

  await test.step("saved without passing the test, it fails on the card and in the heading", async () => {
    await card.getByRole("link", { name: "Storage healthy" }).click();
    await endpoint.fill(`http://${closed}`);
    await page.getByRole("button", { name: "Save without passing test…" }).click();
    const dialog = page.getByRole("dialog", { name: "Save without passing test" });
    await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
    await dialog.getByRole("button", { name: "Save untested" }).click();
    await expect(page.getByRole("main").getByRole("link", { name: /^Storage failing since/ })).toBeVisible();
    const checks = page.getByRole("region", { name: "Last checks" });
    await expect(checks.getByRole("row").nth(1)).toContainText("Port opens");
    await page.getByRole("link", { name: /^Regions/ }).first().click();
    await expect(card).toContainText(/Storage failing since/);
  });

  await test.step("removed", async () => {
    await card.getByRole("link", { name: /^Storage failing/ }).click();
    await page.getByRole("button", { name: "Remove…" }).click();
    const dialog = page.getByRole("dialog", { name: `Remove storage of ${region}` });
    const remove = dialog.getByRole("button", { name: `Remove storage of ${region}` });
    await expect(remove).toHaveAttribute("aria-disabled", "true");
    await dialog.getByRole("textbox", { name: `Type ${region} to confirm` }).fill(region);
    await remove.click();
    await expect(page.getByRole("heading", { name: "No storage yet" })).toBeVisible();
  });
  await store.end();
});

test("new keys reach a running node", async ({ page, server, api }) => {
  const region = await api.createRegion("OM", `keys-${await freePort()}`);
  const made = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`, { displayName: "writer" });
  const store = await Store.start();
  const node = await server.startNode(made.snippet);
  await signedIn(page, server);
  await page.goto(`/regions/${region}/storage`);
  await page.getByRole("button", { name: "Configure" }).click();
  await page.getByRole("textbox", { name: "Endpoint URL" }).fill(store.url);
  await page.getByRole("textbox", { name: "Access key" }).fill(Store.full.access);
  await page.getByLabel("Secret key").fill(Store.full.secret);
  await page.getByRole("button", { name: "Test and save" }).click();
  const report = page.getByRole("region", { name: "From the nodes" }).getByRole("listitem").filter({ hasText: "writer" });
  await expect(report).toContainText("Reached");

  await test.step("keys that may only read", async () => {
    await page.getByRole("textbox", { name: "Access key" }).fill(Store.readOnly.access);
    await page.getByRole("button", { name: "Replace" }).click();
    await page.getByLabel("Secret key").fill(Store.readOnly.secret);
    await page.getByRole("button", { name: "Save without passing test…" }).click();
    await page.getByRole("button", { name: "Save untested" }).click();
    await expect(report).toContainText("Fails at put");
  });

  await test.step("and the right ones again, while the same process runs", async () => {
    await page.getByRole("textbox", { name: "Access key" }).fill(Store.full.access);
    await page.getByRole("button", { name: "Replace" }).click();
    await page.getByLabel("Secret key").fill(Store.full.secret);
    await page.getByRole("button", { name: "Test and save" }).click();
    await expect(report).toContainText("Reached");
    node.check();
  });
  await store.end();
});
