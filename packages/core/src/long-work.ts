/** One step of long work is done. */
export interface ProgressEvent {
  /** What is being done, e.g. `fit` or `background`. */
  readonly stage: string;
  /** Steps finished in this stage, 0…total. */
  readonly done: number;
  /** Steps in this stage; absent when the input is a stream of unknown length. */
  readonly total?: number;
}

/** Options that all long-running functions take. */
export interface LongWorkOptions {
  /** Stops the work at the next step; the function then throws the signal's reason and leaves nothing behind. */
  readonly signal?: AbortSignal;
  /** Called after every step. Libraries print nothing; show progress here. */
  readonly onProgress?: (event: ProgressEvent) => void;
}

/**
 * Lets the host handle what has piled up (an abort, a click, another request) in the middle of long work.
 * @throws the signal's reason when it was aborted.
 */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal?.throwIfAborted();
}
