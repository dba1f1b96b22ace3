// Every secret that a run has made or typed, and every place it must not be found in: the database, the logs of all
// processes, what the server answered, and its exports.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page, Response } from "@playwright/test";

/** Shorter texts are no secrets of ours and would be found by chance. */
const SHORTEST = 12;
/** Members of requests and replies that hold a secret. */
const MEMBERS = ["plainSecret", "secret", "secretKey", "password", "newPassword"];

const secrets = new Set<string>();
const texts: { what: string; text: string }[] = [];
const pending: Promise<void>[] = [];

/** From here on nobody may find it. */
export function addSecret(secret: string): void {
  if (secret.length >= SHORTEST) secrets.add(secret);
}

/** Takes the secrets out of a JSON text that was sent or received; the rest of the text, without them. */
export function learn(json: string): string {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return json;
  }
  const found: string[] = [];
  const walk = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    for (const [name, inner] of Object.entries(part)) {
      if (MEMBERS.includes(name) && typeof inner === "string") {
        if (inner.length >= SHORTEST) found.push(inner);
      } else walk(inner);
    }
  };
  walk(value);
  found.forEach(addSecret);
  return found.reduce((text, secret) => text.replaceAll(secret, ""), json);
}

/** Keeps what the server answered, without the one secret that a reply to a creation shows. */
export function noteReply(what: string, text: string): void {
  texts.push({ what, text: learn(text) });
}

/** Keeps every request and reply of a page. */
export function watchReplies(page: Page): void {
  page.on("response", (reply) => pending.push(note(reply)));
}

async function note(reply: Response): Promise<void> {
  const url = reply.url();
  if (!url.includes("/api/") || url.includes("/api/v1/stream")) return;
  const request = reply.request();
  const sent = request.postData();
  if (sent) learn(sent);
  // A page that goes away takes its replies along.
  const text = await reply.text().catch(() => "");
  noteReply(`the reply to ${request.method()} ${url}`, text);
}

/** Fails where a secret is in `text`. */
function search(what: string, text: string, found: Set<string>): void {
  for (const secret of secrets) if (text.includes(secret)) found.add(what);
}

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}


/** Looks everywhere. `data` is the folder of a server that was stopped: its database, written ahead log included. */
export async function expectNoSecret(data: string, more: { what: string; text: string }[]): Promise<number> {
  await Promise.all(pending.splice(0));
  const found = new Set<string>();
  for (const { what, text } of [...texts.splice(0), ...more]) search(what, text, found);
  for (const file of await files(data)) search(file, await readFile(file, "latin1"), found);
  if (found.size > 0) throw new Error(`a secret was found in\n  ${[...found].join("\n  ")}`);
  return secrets.size;
}
