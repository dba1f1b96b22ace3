// A secret is shown once: in the answer that creates the node, on the page that asked for it, and nowhere else.
import type { Response } from "@playwright/test";
import { freePort } from "../support/processes.ts";
import { expect, heading, pill, signedIn, test } from "../support/test.ts";

test("a secret is on one page and in one answer", async ({ page, server, api }) => {
  const region = await api.createRegion("SE", `once-${await freePort()}`);
  await signedIn(page, server);
  const answers: Promise<{ what: string; body: string }>[] = [];
  page.on("response", (reply) => answers.push(kept(reply)));
  await page.goto(`/regions/${region}/nodes/new?kind=proxy`);
  await expect(pill(page)).toHaveText("Live");
  await page.getByRole("textbox", { name: "Endpoint" }).fill(`127.0.0.1:${await freePort()}`);
  await page.getByRole("button", { name: "Register node" }).click();
  await expect(heading(page, "Connect the server")).toBeVisible();
  await page.getByRole("button", { name: "Reveal" }).click();
  const secret = await page.getByRole("textbox", { name: "API secret" }).inputValue();
  expect(secret).toMatch(/^iqn_\w{20,}$/);
  await page.getByRole("button", { name: "Reveal" }).click();
  await expect(page.getByRole("textbox", { name: "API secret" })).toHaveValue(/•/);
  const id = new URL(page.url()).pathname.split("/")[2] ?? "";
  expect(page.url()).not.toContain(secret);

  await test.step("leaving asks, because it is not stored", async () => {
    let asked = "";
    page.once("dialog", async (dialog) => {
      asked = dialog.message();
      await dialog.dismiss();
    });
    await page.getByRole("link", { name: /^Nodes/ }).click();
    expect(asked).toContain("never shown again");
    await expect(heading(page, "Connect the server")).toBeVisible();
    await expect(page.getByRole("link", { name: "Finish" })).toBeDisabled();
    await page.getByRole("checkbox", { name: "I have stored the secret" }).check();
    await expect(page.getByRole("link", { name: "Finish" })).toBeEnabled();
  });

  await test.step("the browser keeps nothing", async () => {
    const stored = await page.evaluate(async () => {
      const caches = await globalThis.caches.keys();
      const databases = (await indexedDB.databases()).map((database) => database.name);
      return JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state, document.cookie, caches, databases]);
    });
    expect(stored).not.toContain(secret);
    expect(stored).not.toContain(secret.slice(4));
  });

  await test.step("the page loaded again cannot show it", async () => {
    await page.reload();
    await expect(page.getByText(/cannot be shown again/)).toBeVisible();
    await expect(page.getByRole("textbox", { name: "API secret" })).toHaveCount(0);
    await expect(page.getByRole("button", { name: "Reveal" })).toHaveCount(0);
    expect(await page.content()).not.toContain(secret);
  });

  await test.step("back and forward cannot either", async () => {
    await page.getByRole("link", { name: /^Nodes/ }).click();
    await expect(heading(page, "Nodes")).toBeFocused();
    await page.goBack();
    await expect(page.getByText(/cannot be shown again/)).toBeVisible();
    expect(await page.content()).not.toContain(secret);
  });

  await test.step("one answer held it", async () => {
    const told = (await Promise.all(answers)).filter(({ body }) => body.includes(secret));
    expect(told.map(({ what }) => what)).toEqual(["POST /api/v1/nodes 201"]);
  });

  await test.step("nothing else the server says holds it", async () => {
    const paths = ["nodes", `nodes/${id}`, "regions", `regions/${region}`, "overview", "rejections", "meta", "auth/me"];
    const texts = await Promise.all(paths.map((path) => api.text(`/api/v1/${path}`)));
    expect(texts[1]).toContain(id);
    texts.push(await api.stream(`topics=summary,nodes,node:${id},region:${region}`, (text) => text.includes(id)));
    for (const text of texts) expect(text).not.toContain(secret);
    expect(server.log).not.toContain(secret);
  });
});

/** An answer's text; of the stream, which never ends, and of files only the address. */
async function kept(reply: Response): Promise<{ what: string; body: string }> {
  const path = new URL(reply.url()).pathname;
  const what = `${reply.request().method()} ${path} ${reply.status()}`;
  if (path === "/api/v1/stream" || path.startsWith("/assets/")) return { what, body: reply.url() };
  // An answer whose page has gone has no text any more.
  return { what, body: reply.url() + (await reply.text().catch(() => "")) };
}
