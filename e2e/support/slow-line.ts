// A line between browser and server that can be cut for the stream alone: nothing is closed, only no byte comes through.
import { type AddressInfo, type Server as Listener, type Socket, connect, createServer } from "node:net";
import type { Server } from "./server.ts";

/** The connection that the console reads its stream from begins so. */
const STREAM = "GET /api/v1/stream";

export class SlowLine {
  private readonly listener: Listener;
  private readonly sockets = new Set<Socket>();
  /** The server's side of the connections that carry a stream. */
  private readonly streams = new Set<Socket>();
  private held = false;

  private constructor(server: Server) {
    const { hostname, port } = new URL(server.url);
    this.listener = createServer((browser) => {
      const upstream = connect(Number(port), hostname);
      this.keep(browser, upstream);
      this.keep(upstream, browser);
      browser.on("data", (chunk) => {
        if (chunk.includes(STREAM)) {
          this.streams.add(upstream);
          if (this.held) upstream.pause();
        }
        upstream.write(chunk);
      });
      upstream.on("data", (chunk) => browser.write(chunk));
    });
  }

  /** Opens a line to a server. */
  static async open(server: Server): Promise<SlowLine> {
    const line = new SlowLine(server);
    await new Promise<void>((resolve, reject) => {
      line.listener.once("error", reject);
      line.listener.listen(0, "127.0.0.1", resolve);
    });
    return line;
  }

  /** What the browser opens instead of the server's own address. */
  get url(): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** How many connections carry a stream now: what the server holds for this browser. */
  get open(): number {
    return this.streams.size;
  }

  /** From now on no byte of a stream comes through; connections stay open and other requests are answered. */
  hold(): void {
    this.held = true;
    for (const stream of this.streams) stream.pause();
  }

  /** Lets through what was held back and what follows. */
  release(): void {
    this.held = false;
    for (const stream of this.streams) stream.resume();
  }

  /** Ends all connections. */
  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => this.listener.close(() => resolve()));
  }

  private keep(socket: Socket, other: Socket): void {
    this.sockets.add(socket);
    socket.on("error", () => other.destroy());
    socket.on("close", () => {
      this.sockets.delete(socket);
      this.streams.delete(socket);
      other.destroy();
    });
  }
}
