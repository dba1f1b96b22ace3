// The look for secrets at the end of every server can fail: secrets are left lying about, and each is found.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Api } from "../support/api.ts";
import { expectNoSecret } from "../support/canary.ts";
import { Finder } from "../support/finder.ts";
import { freePort } from "../support/processes.ts";
import { Server } from "../support/server.ts";

test("a secret in a free text is found in database, replies, stream and exports", async () => {
  const server = await Server.start();
  const api = await Api.signIn(server);
  const region = await api.createRegion("OM", "planted");
  const made = await api.createNode(region, "backend", `127.0.0.1:${await freePort()}`);
  // As an operator might do by mistake: nothing is wrong with the server, but the canary must sing.
  await api.createNode(region, "proxy", `127.0.0.1:${await freePort()}`, { displayName: made.plainSecret });
  const error = await server.end().then(
    () => "nothing was found",
    (found: unknown) => String(found),
  );
  for (const where of [
    "a dump of the database",
    "postgres/base/",
    "postgres/pg_wal/",
    "the reply to POST /api/v1/nodes",
    "the reply to GET /api/v1/nodes",
    "the reply to GET /api/v1/activity/export?format=csv",
    "the reply to GET /api/v1/activity/export?format=ndjson",
  ]) {
    expect(error).toContain(`the plainSecret of POST /api/v1/nodes is in ${where}`);
  }
  expect(error, "and nothing else").not.toMatch(/password|session|token|master\.key is/);
});

test("a secret is found in every form, in the log of a process too", async () => {
  const folder = await mkdtemp(join(tmpdir(), "iqra-canary-"));
  try {
    await writeFile(join(folder, "master.key"), "0123456789abcdef quite secret\n");
    const text = (text: string) => expectNoSecret(folder, [{ what: "the log", text }]);
    await text("nothing of it");
    const secret = "0123456789abcdef quite secret";
    for (const form of [
      secret,
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      `\\x${Buffer.from(secret).toString("hex")}`,
    ]) {
      await expect(text(`before ${form} behind`), form).rejects.toThrow("master.key is in the log");
    }
    await writeFile(join(folder, "a file"), secret);
    await expect(text(""), "a file").rejects.toThrow("master.key is in a file");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("the search finds what a plain one finds", () => {
  const finder = new Finder();
  const needles = ["abcdefghijkl", "bcdefghijklm", "aaaaaaaaaaaaaa", "iqn_0123456789", "iqn_0123456780"];
  for (const needle of needles) finder.add(needle, needle);
  for (let pad = 0; pad < 40; pad++) {
    for (const needle of needles) {
      const hay = `${"a".repeat(pad % 12)}${"x".repeat(pad)}${needle}${"b".repeat(pad % 3)}`;
      const plain = new Set(needles.filter((one) => hay.includes(one)));
      expect([...finder.search(Buffer.from(hay))].sort(), hay).toEqual([...plain].sort());
    }
  }
  expect(finder.search(Buffer.from("abcdefghijk iqn_012345678")).size).toBe(0);
});
