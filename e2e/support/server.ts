// The real control plane with its own PostgreSQL, in a throw-away folder, with timers short enough for a test.
import { access, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Found, addSecret, expectNoSecret } from "./canary.ts";
import { needed } from "./environment.ts";
import { everyReply } from "./every-reply.ts";
import { Process, Supervisor, eventually, freePort } from "./processes.ts";

/** The timers that a server is started with, in milliseconds. */
export const TIMERS = { interval: 500, stale: 1_500, offline: 3_000 };

/** How to sign in to a test's server. */
export const ADMIN = { email: "admin@localhost", password: "a password for tests only" };

export class Server {
  /** `http://127.0.0.1:PORT`, the same over all restarts. */
  readonly url: string;
  private readonly folder: string;
  private readonly port: number;
  private readonly nodes: Process[] = [];
  private files = 0;
  private process: Process | undefined;
  private readonly runs: Process[] = [];
  private readonly beside: Server[] = [];
  private readonly timers: typeof TIMERS;
  /** What another server's database and master key are told with; nothing where it has its own. */
  private readonly shares: Record<string, string>;

  private constructor(folder: string, port: number, timers: typeof TIMERS, shares: Record<string, string> = {}) {
    this.folder = folder;
    this.port = port;
    this.timers = timers;
    this.shares = shares;
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Starts a server on an empty database and waits until it is ready. */
  static async start(timers = TIMERS): Promise<Server> {
    // As root PostgreSQL runs as another user, who must be able to pass this folder.
    const parent = process.getuid?.() === 0 ? "/tmp" : tmpdir();
    const folder = await mkdtemp(join(parent, "iqra-e2e-"));
    await chmod(folder, 0o755);
    addSecret(ADMIN.password, "the administrator's password");
    const server = new Server(folder, await freePort(), timers);
    await server.up();
    return server;
  }

  /** Starts another process on this one's database and master key; the end of this one ends it too. */
  async another(): Promise<Server> {
    const data = join(this.folder, "data");
    const password = (await readFile(join(data, "postgres.password"), "utf8")).trim();
    const socket = encodeURIComponent(join(data, "postgres.run"));
    const shares = {
      DATABASE_URL: `postgres://iqra:${password}@${socket}/iqra`,
      IQRA_MASTER_KEY_FILE: join(data, "master.key"),
    };
    const other = new Server(join(this.folder, `beside-${this.beside.length + 1}`), await freePort(), this.timers, shares);
    await mkdir(other.folder);
    this.beside.push(other);
    await other.up();
    return other;
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
      IQRA_HEARTBEAT_INTERVAL: `${this.timers.interval}ms`,
      IQRA_STALE_AFTER: `${this.timers.stale}ms`,
      IQRA_OFFLINE_AFTER: `${this.timers.offline}ms`,
      ...this.shares,
    });
    this.process = child;
    this.runs.push(child);
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

  /** kill -9: nothing is written any more and nobody says goodbye; its PostgreSQL goes on until the next `up`. */
  async kill(): Promise<void> {
    await this.process?.kill();
  }

  /** Starts a real `iqra-node run` with a settings file of this text. The caller ends it. */
  async startNode(settings: string, more: string[] = []): Promise<Process> {
    const file = join(this.folder, `appsettings-${++this.files}.json`);
    await writeFile(file, settings, { mode: 0o600 });
    const args = ["run", "--drain-timeout", "1s", "--appsettings", file, ...more];
    const node = new Process("iqra-node", needed("IQRA_NODE_BIN"), args, { ...process.env, RUST_LOG: "debug" });
    this.nodes.push(node);
    return node;
  }

  /** Keeps `iqra-node run` up as a service manager does that restarts on failure. The caller ends it. */
  async supervise(settings: string, more: string[] = []): Promise<Supervisor> {
    const file = join(this.folder, `appsettings-${++this.files}.json`);
    await writeFile(file, settings, { mode: 0o600 });
    const args = ["run", "--drain-timeout", "1s", "--appsettings", file, ...more];
    return new Supervisor(() => {
      const node = new Process("iqra-node", needed("IQRA_NODE_BIN"), args, { ...process.env, RUST_LOG: "debug" });
      this.nodes.push(node);
      return node;
    });
  }

  /** A place in this server's throw-away folder, outside of its data. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** What the process has printed. */
  get log(): string {
    return this.process?.log ?? "";
  }

  /** Changes the database behind the server's back, for what would take time otherwise; false where there is no `psql`. */
  async sql(statement: string): Promise<boolean> {
    const program = join(needed("IQRA_POSTGRES_BIN"), "psql");
    const there = await access(program).then(
      () => true,
      () => false,
    );
    if (!there) return false;
    const data = join(this.folder, "data");
    const PGPASSWORD = (await readFile(join(data, "postgres.password"), "utf8")).trim();
    const args = ["--host", join(data, "postgres.run"), "--username", "iqra", "--command", statement, "iqra"];
    const psql = new Process("psql", program, args, { ...process.env, PGPASSWORD });
    await psql.whenEnded();
    if (psql.code !== 0) throw new Error(`the database took no ${statement}: ${psql.log}`);
    return true;
  }

  /** A dump of the whole database as text, where a PostgreSQL is used that has `pg_dump`. */
  private async dump(): Promise<Found[]> {
    const program = join(needed("IQRA_POSTGRES_BIN"), "pg_dump");
    const there = await access(program).then(
      () => true,
      () => false,
    );
    if (!there) return [];
    const data = join(this.folder, "data");
    const PGPASSWORD = (await readFile(join(data, "postgres.password"), "utf8")).trim();
    const args = ["--host", join(data, "postgres.run"), "--username", "iqra", "iqra"];
    const dump = new Process("pg_dump", program, args, { ...process.env, PGPASSWORD });
    await dump.whenEnded();
    if (dump.code !== 0) throw new Error(`the database could not be dumped: ${dump.log}`);
    return [{ what: "a dump of the database", text: dump.wholeLog }];
  }

  /** Stops it with its nodes, looks for secrets where none may be, and removes its data. */
  async end(): Promise<void> {
    try {
      await Promise.all(this.nodes.map((node) => node.kill()));
      for (const other of this.beside) await other.down();
      // After a kill -9 only another start finds its PostgreSQL and can stop it.
      if (!this.process?.running) await this.up();
      const left = [...(await everyReply(this.url, ADMIN)), ...(await this.dump())];
      await this.down();
      const runs = [this, ...this.beside].flatMap((server) => [...server.runs, ...server.nodes]);
      const logs = runs.map((p) => ({ what: `the log of ${p.name}`, text: p.wholeLog }));
      await expectNoSecret(join(this.folder, "data"), [...left, ...logs]);
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }
}
