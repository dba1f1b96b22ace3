// New S3 keys reach a running node: the storage takes other keys, the node says that it fails, an operator types the new
// ones, and the node works again without anybody near it.
import { eventually, freePort } from "../support/processes.ts";
import { TIMERS } from "../support/server.ts";
import { type Keys, Store } from "../support/store.ts";
import { expect, expectAccessible, heading, pill, signedIn, test } from "../support/test.ts";
import { mark, marked } from "../support/watch.ts";

test.use({ world: "keys" });

/** What the storage takes after somebody has changed its keys. */
const RENEWED: Keys = { access: "iqra-mct-2", secret: "renewed-secret-for-tests-only" };

/** What the node says when it has taken over settings. */
const TAKEN = /new storage settings of region (\S+) are in use/g;

test("new keys reach a running node within two beats", async ({ page, server, api, guard }) => {
  let store = await Store.start();
  try {
    const region = await api.createRegion("OM", `keys-${await freePort()}`);
    const made = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`, { displayName: "keyed" });
    // Tested every second instead of every five minutes, so that a failure shows soon.
    const node = await server.startNode(made.snippet, ["--storage-every", "1s"]);
    await signedIn(page, server);
    await page.goto(`/nodes/${made.node.id}`);
    await expect(heading(page, "keyed")).toBeVisible();
    await expect(pill(page)).toHaveText("Live");
    await expect(page.getByRole("main").getByText("Online", { exact: true }).first()).toBeVisible();
    await mark(page);
    const reached = page.getByRole("listitem").filter({ hasText: "Storage of the region reached" });
    await expect(reached).toBeHidden();

    const form = await page.context().newPage();
    guard.watch(form, server.url);
    await form.goto(`/regions/${region}/storage`);
    await expect(pill(form)).toHaveText("Live");
    const access = form.getByRole("textbox", { name: "Access key" });
    const secret = form.getByLabel("Secret key");
    /** Saves what stands in the form; when the server had said that it is saved. */
    const save = async (): Promise<number> => {
      const saved = form.waitForResponse(
        (reply) => reply.request().method() === "PUT" && new URL(reply.url()).pathname.endsWith("/storage"),
      );
      await form.getByRole("button", { name: "Test and save" }).click();
      expect((await saved).status()).toBe(200);
      return Date.now();
    };
    /** How long after `saved` the node has taken over settings for the `n`th time, in milliseconds. */
    const taken = async (n: number, saved: number): Promise<number> =>
      await eventually(`the node has read settings ${n} times`, 10_000, async () => {
        node.check();
        return [...node.wholeLog.matchAll(TAKEN)].length >= n ? Date.now() - saved : undefined;
      });
    // Two beats, and what a busy machine needs to look.
    const soon = 2 * TIMERS.interval + 500;

    await test.step("the first keys are typed, and the node can use the storage", async () => {
      await form.getByRole("button", { name: "Configure" }).click();
      await form.getByRole("textbox", { name: "Endpoint URL" }).fill(store.url);
      await access.fill(Store.full.access);
      await secret.fill(Store.full.secret);
      const saved = await save();
      expect(await taken(1, saved)).toBeLessThan(soon);
      await expect(reached).toHaveText(/^Done: /);
    });

    await test.step("the storage takes other keys: the node says that it fails, and at what", async () => {
      await store.end();
      store = await Store.start(RENEWED, store.port);
      // A test between the two servers fails at the port; then the keys are refused at the first use of them.
      await expect(reached).toHaveText(/^Failed: .*put$/);
      await expectAccessible(page, "node whose storage fails");
      await form.reload();
      const said = form.getByRole("listitem").filter({ hasText: "keyed" });
      await expect(said).toContainText("Fails at put");
    });

    await test.step("the new keys are typed, and reach the node while it runs", async () => {
      await access.fill(RENEWED.access);
      await form.getByRole("button", { name: "Replace" }).click();
      await secret.fill(RENEWED.secret);
      const saved = await save();
      expect(await taken(2, saved)).toBeLessThan(soon);
      await expect(reached).toHaveText(/^Done: /);
      await form.reload();
      await expect(form.getByRole("listitem").filter({ hasText: "keyed" })).toContainText("Reached");
      for (const key of [Store.full.secret, RENEWED.secret]) expect(await form.content()).not.toContain(key);
    });

    node.check();
    expect(await marked(page), "the node's page was not loaded again").toBeDefined();
  } finally {
    await store.end();
  }
});
