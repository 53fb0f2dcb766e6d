import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a user would run instead: a Python program that repeats one piece of work whenever it is told to. */
export class Peer {
  private constructor(
    private readonly process: ChildProcessWithoutNullStreams,
    private readonly lines: AsyncIterator<string>,
    private readonly reader: Interface,
    /** Name and version of the library, and its threads. */
    readonly description: string,
  ) {}

  /**
   * Starts `peers/<script>`; undefined when Python or its libraries are absent.
   *
   * @param options - `threads`: as many as its libraries choose by themselves, unless given. `launcher`: a command that
   * starts it, such as one that gives it a display.
   */
  static async start(
    script: string,
    args: readonly string[],
    options: { threads?: number; launcher?: readonly string[] } = {},
  ): Promise<Peer | undefined> {
    const { threads, launcher = [] } = options;
    const python = process.env.ANOMCLIP_PYTHON ?? '/usr/bin/python3';
    const path = fileURLToPath(new URL(`./peers/${script}`, import.meta.url));
    const [command, ...rest] = [...launcher, python, path, ...args];
    const child = spawn(command, rest, {
      env: threads === undefined ? process.env : { ...process.env, OMP_NUM_THREADS: String(threads) },
    });
    child.on('error', () => {}); // no Python: the stream below just ends
    child.stderr.resume();
    const reader = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) return undefined;
    return new Peer(child, lines, reader, first.value);
  }

  /** Seconds that one repetition took, measured inside the peer, without its start or its reading of files. */
  async seconds(): Promise<number> {
    this.process.stdin.write('run\n');
    const line = await this.lines.next();
    if (line.done) throw new Error(`the peer ${this.description} ended early`);
    return Number(line.value);
  }

  stop(): void {
    this.reader.close();
    this.process.stdin.end(); // it leaves its loop, and what launched it cleans up
  }
}
