import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AnomclipError } from '@anomclip/core';

/** A process ended while it worked: killed, or out of memory. */
export class WorkerLost extends AnomclipError {
  override readonly name = 'WorkerLost';
}

/** What a worker says: any number of steps, then an answer or an error. */
type WorkerMessage<Answer> =
  | { readonly step: string }
  | { readonly answer: Answer }
  | { readonly error: string };

/** Starts a process that runs `module`, which calls {@link answerRequests}. The caller ends it. */
export function startWorker(module: URL): ChildProcess {
  // Processes and not threads: Node 20 cannot load TypeScript into a worker thread.
  return fork(fileURLToPath(module), [], { serialization: 'advanced' });
}

export interface AskOptions {
  /** What the work is, for errors. */
  readonly name?: string;
  /** Called with every step. */
  readonly onStep?: (text: string) => void;
}

/**
 * Asks a worker that is idle.
 *
 * @throws {@link AnomclipError} with what it threw; {@link WorkerLost} when it ends.
 */
export function askWorker<Answer>(
  worker: ChildProcess,
  request: object,
  { name, onStep }: AskOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    function onMessage(message: WorkerMessage<Answer>): void {
      if ('step' in message) {
        onStep?.(message.step);
        return;
      }
      worker.off('message', onMessage).off('exit', onExit);
      if ('answer' in message) resolve(message.answer);
      else reject(new AnomclipError(name === undefined ? message.error : `${name}: ${message.error}`));
    }
    function onExit(code: number | null, signal: string | null): void {
      reject(new WorkerLost(`${workerOf(name)} ended with ${signal ?? `exit code ${code}`}`));
    }
    worker.on('message', onMessage).once('exit', onExit);
    worker.send(
      request,
      (error) => error && reject(new WorkerLost(`${workerOf(name)} has ended`, { cause: error })),
    );
  });
}

function workerOf(name: string | undefined): string {
  return name === undefined ? 'the worker' : `the worker of ${name}`;
}

/** In a worker: answers one request after the other, until the process that started it is gone. */
export function answerRequests<Request, Answer>(
  answer: (request: Request, step: (text: string) => void) => Promise<Answer>,
): void {
  const send = (message: WorkerMessage<Answer>) => void process.send?.(message);
  process.on('message', async (request: Request) => {
    try {
      send({ answer: await answer(request, (step) => send({ step })) });
    } catch (error) {
      // Our own errors say what to do; anything else is a bug and wants its stack.
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      send({ error: error instanceof AnomclipError ? error.message : text });
    }
  });
  process.on('disconnect', () => process.exit());
}
