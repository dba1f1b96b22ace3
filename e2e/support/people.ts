// More people than the administrator, each in a browser of their own.
import type { Browser, Page } from "@playwright/test";
import { addSecret, noteCookie } from "./canary.ts";
import { ADMIN, type Server } from "./server.ts";
import { type Guard, expect } from "./test.ts";

/** What they all choose. */
export const PASSWORD = "seven words that nobody has used before";

/** Another browser on another machine, as far as the console can tell. */
export async function somebodyElse(browser: Browser, server: Server, guard: Guard): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url });
  const page = await context.newPage();
  guard.watch(page, server.url);
  return page;
}

/** Somebody of a test's own, signed in on a page of their own. */
export async function arrive(browser: Browser, server: Server, guard: Guard, name: string): Promise<Page> {
  const json = { "content-type": "application/json" };
  const login = await fetch(`${server.url}/api/v1/auth/login`, {
    method: "POST",
    headers: json,
    body: JSON.stringify(ADMIN),
  });
  const { accessToken } = (await login.json()) as { accessToken: string };
  addSecret(accessToken, "an access token");
  const invited = await fetch(`${server.url}/api/v1/users`, {
    method: "POST",
    headers: { ...json, authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ email: mail(name), displayName: name, role: "viewer" }),
  });
  const { link } = (await invited.json()) as { link: { url: string } };
  const token = new URL(link.url).hash.slice(1);
  addSecret(token, "a one-time link");
  const page = await somebodyElse(browser, server, guard);
  const data = { token, password: PASSWORD };
  const reply = await page.request.post("/api/v1/auth/welcome", { data, headers: { origin: server.url } });
  expect(reply.status(), "the link works").toBe(200);
  noteCookie(reply.headers()["set-cookie"]);
  return page;
}

/** The address of a name. */
export function mail(name: string): string {
  return `${name.toLowerCase()}@example.org`;
}
