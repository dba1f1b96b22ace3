// A node's life through the generated TypeScript client: sign in, region, node, heartbeat, online, drain, delete.
// `api.d.ts` is made from the document right before; a wrong name or member here does not compile.
import { setTimeout as pause } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.d.ts";

type Problem = components["schemas"]["Problem"];
type Answer<T> = { data?: T; error?: Problem; response: Response };

const [baseUrl, email, password] = ["IQRA_URL", "IQRA_EMAIL", "IQRA_PASSWORD"].map((name) => {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set.`);
  return value;
}) as [string, string, string];

/** The body of a reply that went well; everything else ends the story with the problem's own words. */
function good<T>(what: string, { data, error, response }: Answer<T>): T {
  if (error !== undefined || !response.ok) {
    throw new Error(`${what}: ${response.status} ${error?.code}: ${error?.detail}`);
  }
  return data as T;
}

function header(response: Response, name: string): string {
  const value = response.headers.get(name);
  if (value === null) throw new Error(`The reply has no ${name}.`);
  return value;
}

const api = createClient<paths>({ baseUrl });
const signed = good("sign in", await api.POST("/api/v1/auth/login", { body: { email, password } }));
api.use({
  onRequest: ({ request }) => {
    request.headers.set("Authorization", `Bearer ${signed.accessToken}`);
  },
});

const region = good(
  "create region",
  await api.POST("/api/v1/regions", { body: { countryCode: "OM", name: "typescript", displayName: "TypeScript" } }),
);
const made = good(
  "register node",
  await api.POST("/api/v1/nodes", {
    params: { header: { "Idempotency-Key": `story-${Date.now()}` } },
    body: { regionId: region.id, kind: "backend", endpoint: "http://10.1.0.1:5002", maxConcurrentCalls: 25 },
  }),
);
const nodeId = made.node.id;
const secret = made.plainSecret;
if (secret === undefined) throw new Error("The reply to a new node holds no secret.");

// The node proves itself with its own secret and nothing else.
const node = createClient<paths>({ baseUrl, headers: { "X-API-Key": secret } });
const bootId = `typescript-${Date.now()}`;
let seq = 0;
async function beat(phone: number, observedGeneration: number | null = null) {
  seq += 1;
  return good(
    "heartbeat",
    await node.POST("/api/v1/node/heartbeat", {
      body: { bootId, seq, version: "1.4.2", runtime: { status: "running", reason: "" }, sessions: { phone, web: 0, max: 25 }, observedGeneration },
    }),
  );
}
async function until(word: components["schemas"]["StatusWord"]) {
  for (let tries = 0; tries < 100; tries += 1) {
    await beat(2);
    const reply = await api.GET("/api/v1/nodes/{nodeId}", { params: { path: { nodeId } } });
    const seen = good("read node", reply);
    if (seen.status.word === word) return { seen, etag: header(reply.response, "ETag") };
    await pause(100);
  }
  throw new Error(`The node did not become ${word}.`);
}

const online = await until("online");
if (online.seen.sessions?.phone !== 2) throw new Error("The figures of the heartbeat are not shown.");

// Without a version nothing is changed.
const path = { nodeId };
const wanted = { state: "disabled", privateReason: "The story ends", publicReason: "Disabled" } as const;
const stale = await api.PUT("/api/v1/nodes/{nodeId}/intent", {
  params: { path, header: { "If-Match": '"0"' } },
  body: wanted,
});
if (stale.response.status !== 412 || stale.error?.code !== "version_stale") throw new Error("A stale version was taken.");

// It is the last of its kind: the preview says so, and its token confirms it.
const preview = good("preview", await api.POST("/api/v1/nodes/{nodeId}/intent/preview", { params: { path }, body: wanted }));
good(
  "drain",
  await api.PUT("/api/v1/nodes/{nodeId}/intent", {
    params: { path, header: { "If-Match": online.etag } },
    body: { ...wanted, previewToken: preview.previewToken },
  }),
);
const told = await beat(0);
if (told.desired.state !== "drain") throw new Error(`The node is told ${told.desired.state}.`);
// It has closed its entrances, and says twice that no work is left.
for (let tries = 0; ; tries += 1) {
  await beat(0, told.desired.generation);
  const now = good("read node", await api.GET("/api/v1/nodes/{nodeId}", { params: { path } }));
  if (now.drain?.phase === "drained") break;
  if (tries > 300) throw new Error(`The node is not drained: ${now.drain?.phase}`);
  await pause(100);
}
good("goodbye", await node.POST("/api/v1/node/goodbye", { body: { bootId, reason: "shutdown" } }));

// The server wants to be sure that the process is gone.
for (let tries = 0; ; tries += 1) {
  const deletion = good("what a deletion needs", await api.GET("/api/v1/nodes/{nodeId}/deletion", { params: { path } }));
  if (deletion.allowed) break;
  if (tries > 300) throw new Error(`The node cannot be deleted: ${JSON.stringify(deletion.preconditions)}`);
  await pause(100);
}
const last = await api.GET("/api/v1/nodes/{nodeId}", { params: { path } });
good("read node", last);
good(
  "delete node",
  await api.DELETE("/api/v1/nodes/{nodeId}", { params: { path, header: { "If-Match": header(last.response, "ETag") } } }),
);
const gone = await api.GET("/api/v1/nodes/{nodeId}", { params: { path } });
if (gone.error?.code !== "not_found") throw new Error("The node is still there.");

const place = { regionId: region.id };
const empty = await api.GET("/api/v1/regions/{regionId}", { params: { path: place } });
good("read region", empty);
const off = await api.PUT("/api/v1/regions/{regionId}/intent", {
  params: { path: place, header: { "If-Match": header(empty.response, "ETag") } },
  body: { state: "disabled", privateReason: "The story ends" },
});
good("disable region", off);
good(
  "delete region",
  await api.DELETE("/api/v1/regions/{regionId}", {
    params: { path: place, header: { "If-Match": header(off.response, "ETag") } },
  }),
);
console.log(`typescript: ${region.id} and its node lived and were deleted`);
