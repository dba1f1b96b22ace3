// The real control plane with its own PostgreSQL, in a throw-away folder, with timers short enough for a test.
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { needed } from "./environment.ts";
import { Process, eventually, freePort } from "./processes.ts";

/** How to sign in to a test's server. */
export const ADMIN = { email: "admin@localhost", password: "a password for tests only" };

export class Server {
  /** `http://127.0.0.1:PORT`, the same over all restarts. */
  readonly url: string;
  private readonly folder: string;
  private readonly port: number;
  private process: Process | undefined;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Starts a server on an empty database and waits until it is ready. */
  static async start(): Promise<Server> {
    // As root PostgreSQL runs as another user, who must be able to pass this folder.
    const parent = process.getuid?.() === 0 ? "/tmp" : tmpdir();
    const folder = await mkdtemp(join(parent, "iqra-e2e-"));
    await chmod(folder, 0o755);
    const server = new Server(folder, await freePort());
    await server.up();
    return server;
  }

  /** Starts the process (again) on the same data and the same port. */
  async up(): Promise<void> {
    const child = new Process("iqra-infra", needed("IQRA_SERVER_BIN"), ["serve"], {
      ...process.env,
      DATABASE_URL: undefined,
      IQRA_LISTEN: `127.0.0.1:${this.port}`,
      IQRA_DATA_DIR: join(this.folder, "data"),
      IQRA_ADMIN_EMAIL: ADMIN.email,
      IQRA_ADMIN_PASSWORD: ADMIN.password,
      IQRA_HEARTBEAT_INTERVAL: "500ms",
      IQRA_STALE_AFTER: "1500ms",
      IQRA_OFFLINE_AFTER: "3s",
    });
    this.process = child;
    await eventually("the server is ready", 60_000, async () => {
      child.check();
      const reply = await fetch(`${this.url}/readyz`).catch(() => undefined);
      return reply?.status === 200 ? true : undefined;
    });
  }

  /** Stops the process in order; the data stays for the next `up`. */
  async down(): Promise<void> {
    const stopped = await this.process?.stop();
    if (stopped === false) throw new Error(`the server did not end when asked:\n${this.log}`);
  }

  /** What the process has printed. */
  get log(): string {
    return this.process?.log ?? "";
  }

  /** Stops it and removes its data. */
  async end(): Promise<void> {
    try {
      await this.down();
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }
}
