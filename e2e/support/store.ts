// A real S3 server over HTTP, with one key that may do everything and one that may only read.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addSecret } from "./canary.ts";
import { needed } from "./environment.ts";
import { Process, eventually } from "./processes.ts";

/** A pair of keys. */
export interface Keys {
  access: string;
  secret: string;
}

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
  static readonly full: Keys = { access: "iqra-mct", secret: "full-secret-for-tests-only" };
  static readonly readOnly: Keys = { access: "iqra-read", secret: "read-secret-for-tests-only" };

  /** Starts one with an empty bucket `iqra` on a free port, or on that of one that has ended. */
  static async start(full: Keys = Store.full, port = 0): Promise<Store> {
    const folder = await mkdtemp(join(tmpdir(), "iqra-s3-"));
    addSecret(full.secret, "a secret key of the storage");
    addSecret(Store.readOnly.secret, "the read-only key of the storage");
    const args = ["--root", folder, "--listen", `127.0.0.1:${port}`, "--bucket", "iqra"];
    args.push("--full-key", `${full.access}:${full.secret}`);
    args.push("--read-only-key", `${Store.readOnly.access}:${Store.readOnly.secret}`);
    const process_ = new Process("iqra-s3d", needed("IQRA_S3D_BIN"), args, { ...process.env });
    const address = await eventually("the S3 server listens", 10_000, async () => {
      process_.check();
      return /^listening on (\S+)/m.exec(process_.log)?.[1];
    });
    return new Store(`http://${address}`, process_, folder);
  }

  /** Where it listens. */
  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Ends it and removes its data. */
  async end(): Promise<void> {
    await this.process.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
