// The server's API as a script uses it: for what a test needs before it begins, and for what the page must agree with.
import { addSecret, learn, noteReply } from "./canary.ts";
import { ADMIN, type Server } from "./server.ts";

/** A node as far as the tests read it. */
export interface NodeView {
  id: string;
  liveness: string;
  status: { word: string };
  lastHeartbeatAt: string | null;
  secret: { fingerprint: string; previousUntil: string | null };
}

/** The reply that holds a secret, once. */
export interface Created {
  node: NodeView;
  plainSecret: string;
  snippet: string;
}

/** A refused heartbeat. */
export interface Rejection {
  reason: string;
  claimedNode: string | null;
  fingerprint: string | null;
}

/** An answer that is no success. */
export class Refused extends Error {
  readonly status: number;

  constructor(what: string, status: number, body: string) {
    super(`${what} answered ${status}: ${body}`);
    this.status = status;
  }
}

export class Api {
  private readonly server: Server;
  private readonly token: string;

  private constructor(server: Server, token: string) {
    this.server = server;
    this.token = token;
  }

  /** Signs in as a script does, with a token. */
  static async signIn(server: Server): Promise<Api> {
    const reply = await fetch(`${server.url}/api/v1/auth/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(ADMIN),
    });
    if (!reply.ok) throw new Error(`sign-in answered ${reply.status}: ${await reply.text()}`);
    const { accessToken } = (await reply.json()) as { accessToken: string };
    addSecret(accessToken, "an access token");
    return new Api(server, accessToken);
  }

  /** The text of a GET; fails unless it succeeds. */
  async text(path: string): Promise<string> {
    const reply = await this.call(path);
    const text = await reply.text();
    noteReply(`GET ${path}`, text);
    if (!reply.ok) throw new Refused(`GET ${path}`, reply.status, text);
    return text;
  }

  /** The value of a GET. */
  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.text(path)) as T;
  }

  /** A node as it is now. */
  async node(id: string): Promise<NodeView> {
    return await this.get(`/api/v1/nodes/${id}`);
  }

  /** Creates a region; its id. */
  async createRegion(countryCode: string, name: string): Promise<string> {
    return (await this.send<{ id: string }>("POST", "/api/v1/regions", { countryCode, name })).id;
  }

  /** Creates a node, the only time that its secret is told. */
  async createNode(regionId: string, kind: string, endpoint: string, more: object = {}): Promise<Created> {
    return await this.send("POST", "/api/v1/nodes", { regionId, kind, endpoint, ...more });
  }

  /** Saves a region's storage settings, on top of what stands there. */
  async putStorage(region: string, settings: object): Promise<void> {
    const path = `/api/v1/regions/${region}/storage`;
    const now = await this.call(path);
    await this.send("PUT", path, settings, now.headers.get("etag") ?? undefined);
  }

  /** Reads the stream until what has come satisfies `enough`; fails after `bound` milliseconds. */
  async stream(query: string, enough: (text: string) => boolean, bound = 10_000): Promise<string> {
    const reply = await this.call(`/api/v1/stream?${query}`, { signal: AbortSignal.timeout(bound) });
    if (!reply.body) throw new Error("the stream has no body");
    let text = "";
    for await (const chunk of reply.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (!enough(text)) continue;
      noteReply(`GET /api/v1/stream?${query}`, text);
      return text;
    }
    throw new Error(`the stream ended: ${text}`);
  }

  /** Sends a change and gives the answer; fails unless it succeeds. */
  async send<T>(method: "POST" | "PUT" | "PATCH", path: string, body: object, ifMatch?: string): Promise<T> {
    const operation = `${method} ${path}`;
    learn(JSON.stringify(body), operation);
    const match = ifMatch === undefined ? undefined : { "if-match": ifMatch };
    const reply = await this.call(path, { method, body: JSON.stringify(body) }, match);
    const text = await reply.text();
    noteReply(operation, text);
    if (!reply.ok) throw new Refused(operation, reply.status, text);
    return JSON.parse(text) as T;
  }

  /** Deletes; fails unless it succeeds. */
  async delete(path: string): Promise<void> {
    const reply = await this.call(path, { method: "DELETE" });
    if (!reply.ok) throw new Refused(`DELETE ${path}`, reply.status, await reply.text());
  }

  private call(path: string, more: RequestInit = {}, extra: Record<string, string> = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json", ...extra };
    return fetch(`${this.server.url}${path}`, { headers, ...more });
  }
}
