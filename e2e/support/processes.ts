// Real processes: start, wait for a level with a bound, stop or kill.
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";

/** Calls `check` until it gives a value; fails with `what` when `bound` milliseconds are over. */
export async function eventually<T>(what: string, bound: number, check: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + bound;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    if (Date.now() > end) throw new Error(`${what}: not within ${bound} ms`);
    await new Promise((resume) => setTimeout(resume, 50));
  }
}

/** Ports that were handed out: names are made of them too, and the system gives one again once it is free. */
const handedOut = new Set<number>();

/** The lanes of one run hand out ports of their own: until a server listens on one, the other lane could find it free. */
const LANE = Number(process.env.TEST_PARALLEL_INDEX ?? 0) % 2;

/** A port that nobody listens on at this moment, another one each time. */
export async function freePort(): Promise<number> {
  const port = await new Promise<number>((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
  // Not by its last bit, which the system may choose by what the port is for.
  if (handedOut.has(port) || (port >> 1) % 2 !== LANE) return freePort();
  handedOut.add(port);
  return port;
}

/** How much of a process's output is kept, in characters: all of any test's. */
const LOG_KEPT = 50_000_000;

/** A child process whose output is kept for the message of a failure. */
export class Process {
  readonly name: string;
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private output = "";

  constructor(name: string, program: string, args: string[], env: Record<string, string | undefined>) {
    this.name = name;
    // A group of its own, so that Ctrl-C at the terminal reaches the test runner alone.
    this.child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    this.ended = new Promise((resolve) => {
      this.child.once("exit", () => resolve());
      this.child.once("error", (error) => {
        this.output += String(error);
        resolve();
      });
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on("data", (chunk) => (this.output = (this.output + String(chunk)).slice(-LOG_KEPT)));
    }
  }

  /** Whether it still runs. */
  get running(): boolean {
    return this.child.pid !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** What it ended with; `null` while it runs, and where a signal ended it. */
  get code(): number | null {
    return this.child.exitCode;
  }

  /** Resolves when it has ended, however. */
  whenEnded(): Promise<void> {
    return this.ended;
  }

  /** What it has printed, the last 20,000 characters. */
  get log(): string {
    return this.output.slice(-20_000);
  }

  /** All of it. */
  get wholeLog(): string {
    return this.output;
  }

  /** Fails when it has ended by itself. */
  check(): void {
    if (!this.running) throw new Error(`${this.name} has ended by itself:\n${this.output}`);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    if (this.running) this.child.kill("SIGKILL");
    await this.ended;
  }

  /** SIGTERM, and kill -9 after `bound` milliseconds; says whether it ended when asked. */
  async stop(bound = 20_000): Promise<boolean> {
    if (!this.running) return true;
    this.child.kill("SIGTERM");
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(false), bound)));
    const inTime = await Promise.race([this.ended.then(() => true), late]);
    clearTimeout(timer);
    if (!inTime) await this.kill();
    return inTime;
  }
}

/** Starts a process again when it fails, and leaves it down when it ends with success: a service manager's on-failure. */
export class Supervisor {
  /** Every run, the first one too. */
  readonly runs: Process[] = [];
  private readonly start: () => Process;
  private ended = false;

  constructor(start: () => Process) {
    this.start = start;
    this.next();
  }

  /** What each run that has ended ended with. */
  get codes(): (number | null)[] {
    return this.runs.filter((run) => !run.running).map((run) => run.code);
  }

  /** Whether a run is up now. */
  get running(): boolean {
    return this.runs.at(-1)?.running ?? false;
  }

  /** What all runs have printed. */
  get log(): string {
    return this.runs.map((run) => run.log).join("\n");
  }

  /** kill -9, and nothing is started any more. */
  async kill(): Promise<void> {
    this.ended = true;
    await this.runs.at(-1)?.kill();
  }

  private next(): void {
    const run = this.start();
    this.runs.push(run);
    void run.whenEnded().then(() => {
      // Where the program could not be started at all there is no code, and another try would be the same.
      if (!this.ended && run.code !== 0 && run.code !== null) this.next();
    });
  }
}
