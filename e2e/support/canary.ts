// Every secret that a run has made or typed, and every place it must not be found in: a dump of the database and its
// files, the logs of all processes, what the server answered, and its exports.
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { Page, Response } from "@playwright/test";
import { Finder, SHORTEST } from "./finder.ts";

/** Members of requests and replies that are a secret. */
const MEMBERS = [
  "plainSecret",
  "secret",
  "secretKey",
  "password",
  "current",
  "new",
  "token",
  "plainToken",
  "accessToken",
  "refreshToken",
];
/** The secret of a one-time link stands behind `#`. */
const LINK = /#(iqi_[\w-]+)$/;
/** Replies that tell a secret, once, and the members that do. Anything else in them is searched like all replies. */
const TELLING: [RegExp, string[]][] = [
  [/^POST \/api\/v1\/nodes(\/[^/]+\/secret)?$/, ["plainSecret", "snippet", "command"]],
  [/^PUT \/api\/v1\/background-node$/, ["plainSecret", "snippet", "command"]],
  [/^POST \/api\/v1\/auth\/(login|refresh|welcome)$/, ["accessToken", "refreshToken"]],
  [/^POST \/api\/v1\/tokens$/, ["plainToken"]],
  [/^POST \/api\/v1\/webhooks(\/[^/]+\/secret)?$/, ["plainSecret"]],
  [/^POST \/api\/v1\/users$/, ["link"]],
  [/^POST \/api\/v1\/users\/[^/]+\/link$/, ["url"]],
];
/** The files that hold what the server itself is locked with: nobody else may know it either. */
const KEYS = ["master.key", "postgres.password"];

/** A text, and where it comes from. */
export interface Found {
  what: string;
  text: string;
}

/** The secrets with what they are. */
const secrets = new Map<string, string>();
const texts: Found[] = [];
const pending = new Set<Promise<void>>();

/** From here on nobody may find it. `what` says what it is in the message of a failure. */
export function addSecret(secret: string, what = "a secret"): void {
  if (secret.length >= SHORTEST) secrets.set(secret, what);
}

/** Remembers the secrets in a JSON text that was sent or received. */
export function learn(json: string, from: string): void {
  const walk = (part: unknown): void => {
    if (typeof part !== "object" || part === null) return;
    for (const [name, inner] of Object.entries(part)) {
      const link = name === "url" && typeof inner === "string" ? LINK.exec(inner)?.[1] : undefined;
      if (link) addSecret(link, `the link of ${from}`);
      else if (MEMBERS.includes(name) && typeof inner === "string") addSecret(inner, `the ${name} of ${from}`);
      else walk(inner);
    }
  };
  walk(parsed(json));
}

/** Keeps what the server answered to `operation`, a method and a path, without the members that may tell a secret. */
export function noteReply(operation: string, text: string): void {
  const [called = ""] = operation.split("?");
  const members = TELLING.find(([telling]) => telling.test(called))?.[1] ?? [];
  const value = parsed(text);
  if (members.length === 0 || typeof value !== "object" || value === null) {
    texts.push({ what: `the reply to ${operation}`, text });
    return;
  }
  learn(text, operation);
  const rest = Object.entries(value).filter(([name]) => !members.includes(name));
  texts.push({ what: `the reply to ${operation}`, text: JSON.stringify(Object.fromEntries(rest)) });
}

/** The session that a reply begins is a secret too. */
export function noteCookie(header: string | null | undefined): void {
  const value = /^(?:__Host-)?iqra=([^;]+)/m.exec(header ?? "")?.[1];
  if (value) addSecret(value, "a session");
}

/** Keeps every request and reply of a page. */
export function watchReplies(page: Page): void {
  page.on("response", (reply) => {
    const noted = note(reply).finally(() => pending.delete(noted));
    pending.add(noted);
  });
}

async function note(reply: Response): Promise<void> {
  const { pathname, search } = new URL(reply.url());
  // A stream never ends.
  if (!pathname.startsWith("/api/") || pathname === "/api/v1/stream") return;
  const request = reply.request();
  const operation = `${request.method()} ${pathname}${search}`;
  learn(request.postData() ?? "", operation);
  noteCookie(await reply.headerValue("set-cookie").catch(() => null));
  // A page that goes away takes its replies along.
  noteReply(operation, await reply.text().catch(() => ""));
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** How a secret may be written: as it is, in JSON, in an address, in base64, and as a dump writes bytes. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  // Without what tells its kind; the last characters of base64 depend on what follows.
  const own = secret.replace(/^(iq[nir]|whsec)_/, "");
  const base64 = Buffer.from(own).toString("base64").replace(/=+$/, "").slice(0, -1);
  return [own, JSON.stringify(own).slice(1, -1), encodeURIComponent(own), base64, bytes.toString("hex")];
}

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/**
 * Fails where a secret can be read. `data` is the folder of a server that was stopped, with the files of its database,
 * the written-ahead log included; `more` is what else it left.
 */
export async function expectNoSecret(data: string, more: Found[]): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resume) => (late = setTimeout(resume, 5_000)));
  await Promise.race([Promise.all(pending), enough]);
  clearTimeout(late);
  const all = await files(data);
  const isKey = (file: string) => KEYS.includes(relative(data, file));
  for (const file of all.filter(isKey)) addSecret((await readFile(file, "utf8")).trim(), relative(data, file));

  const finder = new Finder();
  for (const [secret, what] of secrets) for (const form of forms(secret)) finder.add(form, what);
  const found: string[] = [];
  const search = (where: string, bytes: Buffer) => {
    for (const what of finder.search(bytes)) found.push(`${what} is in ${where}`);
  };
  for (const { what, text } of [...texts.splice(0), ...more]) search(what, Buffer.from(text));
  for (const file of all) if (!isKey(file)) search(relative(data, file), await readFile(file));
  if (found.length > 0) throw new Error(`secrets can be read:\n  ${found.join("\n  ")}`);
}
