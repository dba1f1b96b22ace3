// A receiver of webhooks: it keeps what arrives, checks the signature itself, and answers as it is told.
import { createHmac, timingSafeEqual } from "node:crypto";
import { type Server as Http, createServer } from "node:http";
import { text } from "node:stream/consumers";
import { eventually } from "./processes.ts";

/** One call as it arrived. */
export interface Call {
  path: string;
  id: string;
  timestamp: string;
  /** Of `webhook-signature`: `v1,…`, one for each secret that signs. */
  signatures: string[];
  agent: string;
  /** Byte for byte as it was signed. */
  body: string;
  type: string;
  data: Record<string, unknown>;
}

/** Which signatures of a call a secret has made. */
export function signedBy(call: Call, secret: string): string[] {
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const own = createHmac("sha256", key).update(`${call.id}.${call.timestamp}.${call.body}`).digest();
  return call.signatures.filter((one) => {
    const [version, code = ""] = one.split(",");
    const given = Buffer.from(code, "base64");
    return version === "v1" && given.length === own.length && timingSafeEqual(given, own);
  });
}

export class Receiver {
  /** What arrived and nobody has waited for yet, oldest first. */
  readonly calls: Call[] = [];
  /** What is answered from now on. */
  status = 204;
  private readonly http: Http;

  private constructor() {
    this.http = createServer((request, reply) => {
      void text(request).then((body) => {
        const header = (name: string) => String(request.headers[name] ?? "");
        const { type, data } = JSON.parse(body) as Pick<Call, "type" | "data">;
        this.calls.push({
          path: request.url ?? "",
          id: header("webhook-id"),
          timestamp: header("webhook-timestamp"),
          signatures: header("webhook-signature").split(" "),
          agent: header("user-agent"),
          body,
          type,
          data,
        });
        reply.writeHead(this.status).end();
      });
    });
  }

  /** Listens on loopback. */
  static async start(): Promise<Receiver> {
    const receiver = new Receiver();
    await new Promise<void>((resolve) => receiver.http.listen(0, "127.0.0.1", resolve));
    return receiver;
  }

  /** `http://127.0.0.1:PORT` */
  get url(): string {
    const address = this.http.address();
    if (address === null || typeof address === "string") throw new Error("the receiver does not listen");
    return `http://127.0.0.1:${address.port}`;
  }

  /** The first call that fits and that nobody has waited for yet. */
  async next(what: string, fits: (call: Call) => boolean, bound = 15_000): Promise<Call> {
    return await eventually(what, bound, async () => {
      const at = this.calls.findIndex(fits);
      return at < 0 ? undefined : this.calls.splice(at, 1)[0];
    });
  }

  /** Ends it with the connections that are kept open. */
  async end(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise<void>((resolve) => this.http.close(() => resolve()));
  }
}
