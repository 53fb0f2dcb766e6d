import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A program that repeats one piece of work whenever it is told to: what a user would run instead, or a process of ours. */
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
    const environment: Record<string, string> =
      threads === undefined ? {} : { OMP_NUM_THREADS: String(threads) };
    return Peer.startProgram(command, rest, environment);
  }

  /** Starts a program of this folder in a process of its own, which {@link serve}s. */
  static async startOurs(script: string, args: readonly string[]): Promise<Peer> {
    const path = fileURLToPath(new URL(`./${script}`, import.meta.url));
    const peer = await Peer.startProgram(process.execPath, [...process.execArgv, path, ...args]);
    if (!peer) throw new Error(`${script} ${args.join(' ')} did not start`);
    return peer;
  }

  private static async startProgram(
    command: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<Peer | undefined> {
    const child = spawn(command, args, { env: { ...process.env, ...environment } });
    child.on('error', () => {}); // no such program: the stream below just ends
    child.stderr.resume();
    const reader = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) return undefined;
    return new Peer(child, lines, reader, first.value);
  }

  /** Seconds that one repetition took, measured inside the peer, without its start or its reading of files. */
  seconds(): Promise<number> {
    return this.ask('run');
  }

  /** Most megabytes that it has held so far, above what it held before its work was prepared. */
  megabytes(): Promise<number> {
    return this.ask('memory');
  }

  stop(): void {
    this.reader.close();
    this.process.stdin.end(); // it leaves its loop, and what launched it cleans up
  }

  private async ask(question: 'run' | 'memory'): Promise<number> {
    this.process.stdin.write(`${question}\n`);
    const line = await this.lines.next();
    if (line.done) throw new Error(`the peer ${this.description} ended early`);
    return Number(line.value);
  }
}
