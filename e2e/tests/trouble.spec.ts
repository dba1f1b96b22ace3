// What goes wrong while a node is added: a wrong secret, and forms that are not right yet.
import { randomBytes } from "node:crypto";
import type { Rejection } from "../support/api.ts";
import { eventually, freePort } from "../support/processes.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";

test("a heartbeat with a wrong secret is named on the connect page", async ({ page, server, api }) => {
  const region = await api.createRegion("US", `wrong-${await freePort()}`);
  const made = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`);
  await signedIn(page, server);
  await page.goto(`/nodes/${made.node.id}/connect`);
  await expect(page.getByRole("heading", { name: "Waiting for the first heartbeat" })).toBeVisible();
  await expect(pill(page)).toHaveText("Live");

  // The right ids, and a secret that nobody has.
  const wrong = `iqn_${randomBytes(32).toString("hex")}`.slice(0, made.plainSecret.length);
  const node = await server.startNode(made.snippet.replace(made.plainSecret, wrong));
  try {
    const refusal = await eventually("the refusal is in the diary", 15_000, async () => {
      node.check();
      const { items } = await api.get<{ items: Rejection[] }>("/api/v1/rejections");
      return items.find((item) => item.claimedNode === made.node.id);
    });
    expect(refusal.reason).toBe("unknown_secret");
    expect(refusal.fingerprint).toMatch(/^[0-9a-f]{8}$/);
    expect(refusal.fingerprint).not.toBe(made.node.secret.fingerprint);
    const said = page.getByRole("listitem").filter({ hasText: "A heartbeat was refused" });
    await expect(said).toBeVisible();
    await expect(said).toContainText("The secret is not known");
    await expect(said).toContainText(`fingerprint ${refusal.fingerprint}, expected ${made.node.secret.fingerprint}`);
    await expect(said).toContainText("A heartbeat from 127.0.0.1 was refused");
    await expectAccessible(page);
    node.check();
    expect((await api.node(made.node.id)).liveness).toBe("never_seen");
  } finally {
    await node.kill();
  }

  const right = await server.startNode(made.snippet);
  await expect(page.getByRole("heading", { name: "The server is online" })).toBeVisible();
  await expect(page.getByText("A heartbeat was refused")).toBeHidden();
  await right.stop();
});

test("a form for a node says what is wrong, at the field", async ({ page, server, api, guard }) => {
  const region = await api.createRegion("GB", `form-${await freePort()}`);
  const port = await freePort();
  await api.createNode(region, "backend", `127.0.0.1:${port}`);
  await signedIn(page, server);
  await page.goto(`/regions/${region}/nodes/new?kind=backend`);
  await expect(pill(page)).toHaveText("Live");
  const endpoint = page.getByRole("textbox", { name: "Endpoint" });
  const sipPort = page.getByRole("textbox", { name: "SIP port" });
  const register = page.getByRole("button", { name: "Register node" });
  const summary = page.getByRole("alert").filter({ hasText: "to correct" });

  await test.step("what the page can see itself", async () => {
    await sipPort.fill("70000");
    await register.click();
    await expect(summary).toBeFocused();
    await expect(summary).toContainText("2 things to correct");
    await expect(endpoint).toHaveAttribute("aria-invalid", "true");
    await expect(endpoint).toHaveAccessibleDescription(/Enter the address of the server/);
    await expect(sipPort).toHaveAccessibleDescription(/The SIP port is a number from 1 to 65535\./);
    await expectAccessible(page);
    await summary.getByRole("link", { name: /SIP port/ }).click();
    await expect(sipPort).toBeFocused();
    await expect(sipPort).toHaveValue("70000");
    await endpoint.fill("ftp://10.0.0.5");
    await register.click();
    await expect(endpoint).toHaveAccessibleDescription(/Use http:\/\/ or https:\/\//);
  });

  await test.step("what only the server knows", async () => {
    await sipPort.fill("5080");
    await endpoint.fill(`HTTP://127.0.0.1:${port}/`);
    await guard.expecting(/status of 409/, async () => {
      await register.click();
      await expect(summary).toBeFocused();
    });
    await expect(summary).toContainText("One thing to correct");
    await expect(endpoint).toHaveAttribute("aria-invalid", "true");
    await expect(endpoint).toHaveAccessibleDescription(new RegExp(`at 127\\.0\\.0\\.1:${port}`));
    await expect(endpoint).toHaveValue(`HTTP://127.0.0.1:${port}/`);
  });

  await test.step("put right, it is registered", async () => {
    await endpoint.fill(`127.0.0.1:${await freePort()}`);
    await register.click();
    await expect(heading(page, "Connect the server")).toBeFocused();
  });
});

test("a form for a region says what is wrong, at the field", async ({ page, server, api }) => {
  const name = `taken-${await freePort()}`;
  const region = await api.createRegion("NO", name);
  await signedIn(page, server);
  await page.goto("/regions/new");
  await expect(pill(page)).toHaveText("Live");
  const summary = page.getByRole("alert").filter({ hasText: "to correct" });
  const country = page.getByRole("combobox", { name: "Country" });
  const field = page.getByRole("textbox", { name: "Region name" });
  await page.getByRole("button", { name: "Create region" }).click();
  await expect(summary).toBeFocused();
  await expect(summary).toContainText("2 things to correct");
  await expect(country).toHaveAttribute("aria-invalid", "true");
  await expect(field).toHaveAttribute("aria-invalid", "true");
  await country.fill("no");
  await field.fill("a_b");
  await expect(page.getByText(/letters, digits and/i).last()).toBeVisible();
  // As another operator would write it: the country is not doubled.
  await field.fill(region.toLowerCase());
  await expect(page.getByRole("status", { name: /^Region ID/ })).toHaveText(region);
  await expect(page.getByText(`${region} already exists.`)).toBeVisible();
  await page.getByRole("button", { name: "Create region" }).click();
  await expect(summary).toContainText(`${region} already exists.`);
  await page.getByRole("link", { name: "Open it" }).click();
  await expect(heading(page, region)).toBeVisible();
});

test("a wrong password is refused without a hint at which part was wrong", async ({ page, guard }) => {
  await page.goto("/login");
  await page.getByRole("textbox", { name: "Email" }).fill("nobody@example.com");
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await guard.expecting(/status of 401/, async () => {
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("alert").filter({ hasText: "Email or password is not right." })).toBeVisible();
  });
  await expect(page.getByRole("textbox", { name: "Email" })).toHaveValue("nobody@example.com");
  await expectAccessible(page);
});
