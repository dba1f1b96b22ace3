// Two real processes on one database: each shows what reaches the other, what one takes away the other takes away too,
// and when the one that sweeps is killed the other goes on.
import type { Page } from "@playwright/test";
import { addSecret } from "../support/canary.ts";
import { type Process, eventually, freePort } from "../support/processes.ts";
import type { Server } from "../support/server.ts";
import { expect, heading, pill, signedIn, test } from "../support/test.ts";

test.use({ world: "replicas" });
test.describe.configure({ mode: "serial", timeout: 120_000 });

/** The other process, which both tests share. */
let other: Server;

/** As the contract has it, in milliseconds. */
const SOON = 1_000;

/** A process as the page of the servers lists it. */
interface Listed {
  sweeper: { active: boolean; ok: boolean };
}

/** The status of the node on its page. */
function status(page: Page) {
  return page.locator("main .hd [data-status]").first();
}

/** The line that says that this process sweeps, on the page of the servers. */
function sweeping(page: Page, at: Server) {
  const process = page.locator("[data-process]", { hasText: new URL(at.url).host });
  return process.locator("li").filter({ hasText: /Stale sweeper\s*ran .+ ago/ });
}

/** An open stream at a server, and when it said goodbye with which reason. */
async function follow(server: Server, token: string): Promise<{ bye: Promise<{ reason: string; at: number }> }> {
  const headers = { authorization: `Bearer ${token}` };
  const signal = AbortSignal.timeout(60_000);
  const reply = await fetch(`${server.url}/api/v1/stream?topics=summary`, { headers, signal });
  expect(`${reply.status} ${reply.ok ? "" : await reply.text()}`, "the stream opens").toBe("200 ");
  const chunks = reply.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!chunks) throw new Error("the stream has no body");
  // The first word is hello: from then on it is open.
  let text = (await chunks.read()).value ?? "";
  const listen = async () => {
    for (;;) {
      const bye = /"type":"bye","reason":"(\w+)"/.exec(text);
      if (bye?.[1]) return { reason: bye[1], at: performance.now() };
      const { value, done } = await chunks.read();
      if (done) throw new Error(`the stream ended without a goodbye: ${text}`);
      text += value;
    }
  };
  // In an object: a promise alone would be waited for by whoever waits until the stream is open.
  return { bye: listen() };
}

test.beforeAll(async ({ server }) => {
  other = await server.another();
});

test("what is taken away at one process is gone at the other within a second", async ({ server, api }) => {
  const json = { "content-type": "application/json" };
  const took: number[] = [];
  const revoke = async () => {
    const made = await api.send<{ plainToken: string; token: { id: string } }>("POST", "/api/v1/tokens", {
      name: "follows elsewhere",
      scope: "read",
    });
    addSecret(made.plainToken, "an automation token");
    const stream = await follow(other, made.plainToken);
    const begun = performance.now();
    await api.delete(`/api/v1/tokens/${made.token.id}`);
    const { reason, at } = await stream.bye;
    expect(reason).toBe("signedOut");
    took.push(at - begun);
    const again = await fetch(`${other.url}/api/v1/overview`, { headers: { authorization: `Bearer ${made.plainToken}` } });
    expect(again.status).toBe(401);
  };
  for (const nth of ["first", "second", "third"]) await test.step(`a token is revoked, the ${nth}`, revoke);
  await test.step("a role is lowered", async () => {
    const invited = await api.send<{ account: { id: string }; link: { url: string } }>("POST", "/api/v1/users", {
      email: "salim@example.org",
      displayName: "Salim",
      role: "operator",
    });
    const link = new URL(invited.link.url).hash.slice(1);
    addSecret(link, "a one-time link");
    const password = "only for tests: seven green boats";
    addSecret(password, "a password");
    const post = async (path: string, body: object) => {
      const reply = await fetch(`${server.url}/api/v1/auth/${path}`, { method: "POST", headers: json, body: JSON.stringify(body) });
      expect(reply.status, path).toBe(200);
      return (await reply.json()) as { accessToken: string };
    };
    await post("welcome", { token: link, password });
    const { accessToken } = await post("login", { email: "salim@example.org", password });
    addSecret(accessToken, "an access token");
    const stream = await follow(other, accessToken);
    const path = `/api/v1/users/${invited.account.id}`;
    const { version } = await api.get<{ version: number }>(path);
    const begun = performance.now();
    await api.send("PATCH", path, { role: "viewer" }, `"${version}"`);
    const { reason, at } = await stream.bye;
    expect(reason).toBe("accessChanged");
    took.push(at - begun);
    // A token with the rights of before is none any more, at the other process as well.
    const refused = await fetch(`${other.url}/api/v1/regions`, {
      method: "POST",
      headers: { ...json, authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ countryCode: "OM", name: "not-his" }),
    });
    expect(refused.status).toBe(401);
  });
  // Most of them, and none by the comparison that comes every half a minute: one may fall together with other work.
  took.sort((a, b) => a - b);
  expect(took[2], `milliseconds: ${took}`).toBeLessThan(SOON);
  expect(took[3], `milliseconds: ${took}`).toBeLessThan(10_000);
});

test("one sweeps, both show the fleet; the one that swept is killed, and the other goes on", async ({ page, server, api, guard }) => {
  const region = await api.createRegion("OM", `two-${await freePort()}`);
  const made = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`, { displayName: "beats elsewhere" });
  // It beats to the process that does not sweep.
  const settings = made.snippet.replaceAll(server.url, other.url);
  expect(settings).toContain(other.url);
  const agent: Process = await server.startNode(settings);
  await signedIn(page, server);
  guard.allow(other.url);
  const there = await page.context().newPage();
  guard.watch(there, other.url);

  await test.step("both pages show the node Online", async () => {
    await page.goto(`/nodes/${made.node.id}`);
    await there.goto(`${other.url}/nodes/${made.node.id}`);
    for (const one of [page, there]) {
      await expect(heading(one, "beats elsewhere")).toBeVisible();
      await expect(pill(one)).toHaveText("Live");
      await expect(status(one)).toHaveText(/^Online/, { timeout: 20_000 });
    }
  });

  await test.step("an order given at one reaches the node at the other", async () => {
    const path = `/api/v1/nodes/${made.node.id}`;
    const { version } = await api.get<{ version: number }>(path);
    const wish = { state: "maintenance", privateReason: "two processes", publicReason: null, until: null };
    // It is the only backend of its region: told, and wanted anyway.
    const { previewToken } = await api.send<{ previewToken: string }>("POST", `${path}/intent/preview`, wish);
    await api.send("PUT", `${path}/intent`, { ...wish, previewToken }, `"${version}"`);
    for (const one of [page, there]) await expect(status(one)).toHaveText(/^Maintenance/, { timeout: 20_000 });
    const accepts = async () => (await api.get<{ accepts: { inbound: boolean } | null }>(path)).accepts?.inbound;
    await expect.poll(accepts, { timeout: 20_000, message: "the node itself says it takes no calls" }).toBe(false);
    const { version: now } = await api.get<{ version: number }>(path);
    await api.send("PUT", `${path}/intent`, { ...wish, state: "active" }, `"${now}"`);
    for (const one of [page, there]) await expect(status(one)).toHaveText(/^Online/, { timeout: 20_000 });
  });

  await test.step("the page of the servers lists two processes, of which one sweeps", async () => {
    await page.goto("/frontend");
    await expect(page.locator("[data-process]")).toHaveCount(2);
    await expect(page.getByText("another process sweeps")).toHaveCount(1);
    await expect(sweeping(page, server)).toHaveCount(1);
  });

  await test.step("kill -9 of the one that sweeps: the other sweeps, and says when the node falls silent", async () => {
    await guard.expecting(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET/, async () => {
      await server.kill();
      await expect(pill(page)).toHaveText(/^Disconnected/, { timeout: 40_000 });
      await expect(pill(there)).toHaveText("Live");
      await expect(status(there)).toHaveText(/^Online/);
      await there.goto(`${other.url}/frontend`);
      await expect(sweeping(there, other)).toHaveCount(1, { timeout: 20_000 });
      await there.goto(`${other.url}/nodes/${made.node.id}`);
      await expect(status(there)).toHaveText(/^Online/);
      await agent.kill();
      await expect(status(there)).toHaveText(/^Offline/, { timeout: 30_000 });
    });
  });

  await test.step("started again, the first shows the same", async () => {
    await guard.expecting(/ERR_|503|502/, async () => {
      await server.up();
      await expect(pill(page)).toHaveText("Live", { timeout: 40_000 });
      await expect(pill(there)).toHaveText("Live", { timeout: 40_000 });
    });
    await page.goto(`/nodes/${made.node.id}`);
    for (const one of [page, there]) await expect(status(one)).toHaveText(/^Offline/);
    const list = await api.get<{ items: Listed[] }>("/api/v1/frontend-nodes");
    expect(list.items.length, JSON.stringify(list)).toBeGreaterThanOrEqual(2);
    await eventually("one of them sweeps", 20_000, async () => {
      const { items } = await api.get<{ items: Listed[] }>("/api/v1/frontend-nodes");
      return items.filter((one) => one.sweeper.active && one.sweeper.ok).length === 1 ? true : undefined;
    });
  });
});
