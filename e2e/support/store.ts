// A real S3 server over HTTP, with one key that may do everything and one that may only read.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addSecret } from "./canary.ts";
import { needed } from "./environment.ts";
import { Process, eventually } from "./processes.ts";

export class Store {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  private readonly process: Process;
  private readonly folder: string;

  private constructor(url: string, process: Process, folder: string) {
    this.url = url;
    this.process = process;
    this.folder = folder;
  }

  /** Keys of the servers that tests start. */
  static readonly full = { access: "iqra-mct", secret: "full-secret-for-tests-only" };
  static readonly readOnly = { access: "iqra-read", secret: "read-secret-for-tests-only" };

  /** Starts one with an empty bucket `iqra` on a free port. */
  static async start(): Promise<Store> {
    const folder = await mkdtemp(join(tmpdir(), "iqra-s3-"));
    addSecret(Store.full.secret);
    addSecret(Store.readOnly.secret);
    const args = ["--root", folder, "--listen", "127.0.0.1:0", "--bucket", "iqra"];
    args.push("--full-key", `${Store.full.access}:${Store.full.secret}`);
    args.push("--read-only-key", `${Store.readOnly.access}:${Store.readOnly.secret}`);
    const process_ = new Process("iqra-s3d", needed("IQRA_S3D_BIN"), args, { ...process.env });
    const address = await eventually("the S3 server listens", 10_000, async () => {
      process_.check();
      return /^listening on (\S+)/m.exec(process_.log)?.[1];
    });
    return new Store(`http://${address}`, process_, folder);
  }

  /** Ends it and removes its data. */
  async end(): Promise<void> {
    await this.process.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
