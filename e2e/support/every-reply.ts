// What a server answers to every GET of its description, its exports and its stream: all that a script can read of it.
import { get } from "node:http";
import { type Found, addSecret } from "./canary.ts";

/** Answers that are no reply of the whole: streams never end, and nodes alone may ask for what is theirs. */
const APART = /^\/api\/v1\/(stream|node\/)/;

/** What else some lists hold. */
const INCLUDED: Record<string, string | undefined> = {
  "/api/v1/problems": "?include=snoozed",
  "/api/v1/unregistered-nodes": "?include=ignored",
};

/** Every answer, for the administrator, as it stands now; fails where the server fails. */
export async function everyReply(url: string, admin: object): Promise<Found[]> {
  const body = JSON.stringify(admin);
  const login = await fetch(`${url}/api/v1/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  if (!login.ok) throw new Error(`sign-in answered ${login.status}: ${await login.text()}`);
  const { accessToken } = (await login.json()) as { accessToken: string };
  addSecret(accessToken, "an access token");
  const headers = { authorization: `Bearer ${accessToken}` };
  const read = async (path: string): Promise<Found> => {
    const reply = await fetch(url + path, { headers });
    const text = await reply.text();
    if (reply.status >= 500) throw new Error(`GET ${path} answered ${reply.status}: ${text}`);
    return { what: `the reply to GET ${path}`, text };
  };
  const first = async (path: string, of: (item: Record<string, unknown>) => unknown = (item) => item.id) => {
    const { items = [] } = JSON.parse((await read(path)).text) as { items?: Record<string, unknown>[] };
    return items.slice(0, 3).map((item) => String(of(item)));
  };
  /** What the names in the paths stand for: a few of each. */
  const [nodes, regions, entries, runs, users, tokens, webhooks] = await Promise.all(
    ["nodes", "regions", "activity", "background-node/runs", "users", "tokens", "webhooks"].map((list) =>
      first(`/api/v1/${list}`),
    ),
  );
  const known: Record<string, string[] | undefined> = {
    nodeId: nodes,
    regionId: regions,
    activityId: entries,
    runId: runs,
    userId: users,
    tokenId: tokens,
    webhookId: webhooks,
    job: ["cleanup"],
  };

  const { paths } = JSON.parse((await read("/api/openapi.json")).text) as { paths: Record<string, { get?: object }> };
  const wanted: string[] = ["csv", "ndjson"].map((format) => `/api/v1/activity/export?format=${format}`);
  for (const [path, { get: operation }] of Object.entries(paths)) {
    if (!operation || APART.test(path)) continue;
    const query = INCLUDED[path] ?? "";
    const name = /\{(\w+)\}/.exec(path)?.[1];
    const filled = name === undefined ? [path] : (known[name] ?? []).map((id) => path.replace(`{${name}}`, id));
    for (const one of filled) {
      // What stands below an object is known by the list it stands in.
      const [list = "", rest] = one.split(/\/\{\w+\}/);
      const ids = rest === undefined ? [] : await first(list);
      wanted.push(...(rest === undefined ? [one + query] : ids.map((id) => `${list}/${id}${rest}`)));
    }
  }
  const topics = ["summary", "nodes", "activity", ...(nodes ?? []).map((id) => `node:${id}`)];
  return await Promise.all([...wanted.map(read), beginning(`${url}/api/v1/stream?topics=${topics}`, headers)]);
}

/** The snapshots that a stream begins with. */
async function beginning(address: string, headers: Record<string, string>): Promise<Found> {
  const text = await new Promise<string>((resolve, reject) => {
    let read = "";
    // Not `fetch`, which keeps the connection of a reply that is not read to its end: the server would wait for it.
    const request = get(address, { headers, agent: false }, (reply) => {
      reply.setEncoding("utf8").on("data", (chunk: string) => (read += chunk));
      setTimeout(() => {
        request.destroy();
        resolve(read);
      }, 300);
    }).on("error", reject);
  });
  return { what: "the stream", text };
}
