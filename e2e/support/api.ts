// The server's API as a script uses it: for what a test needs before it begins, and for what the page must agree with.
import { learn, noteReply } from "./canary.ts";
import { ADMIN, type Server } from "./server.ts";

/** A node as far as the tests read it. */
export interface NodeView {
  id: string;
  liveness: string;
  status: { word: string };
  lastHeartbeatAt: string | null;
  secret: { fingerprint: string };
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
    return new Api(server, accessToken);
  }

  /** The text of a GET; fails unless it succeeds. */
  async text(path: string): Promise<string> {
    const reply = await this.call(path);
    const text = await reply.text();
    noteReply(`the reply to GET ${path}`, text);
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
    return (await this.post<{ id: string }>("/api/v1/regions", { countryCode, name })).id;
  }

  /** Creates a node, the only time that its secret is told. */
  async createNode(regionId: string, kind: string, endpoint: string, more: object = {}): Promise<Created> {
    return await this.post("/api/v1/nodes", { regionId, kind, endpoint, ...more });
  }

  /** Reads the stream until what has come satisfies `enough`; fails after `bound` milliseconds. */
  async stream(query: string, enough: (text: string) => boolean, bound = 10_000): Promise<string> {
    const reply = await this.call(`/api/v1/stream?${query}`, { signal: AbortSignal.timeout(bound) });
    if (!reply.body) throw new Error("the stream has no body");
    let text = "";
    for await (const chunk of reply.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (enough(text)) return text;
    }
    throw new Error(`the stream ended: ${text}`);
  }

  private async post<T>(path: string, body: object): Promise<T> {
    const reply = await this.call(path, { method: "POST", body: JSON.stringify(body) });
    learn(JSON.stringify(body));
    const text = await reply.text();
    noteReply(`the reply to POST ${path}`, text);
    if (!reply.ok) throw new Refused(`POST ${path}`, reply.status, text);
    return JSON.parse(text) as T;
  }

  private call(path: string, more: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}`, "content-type": "application/json" };
    return fetch(`${this.server.url}${path}`, { headers, ...more });
  }
}
