/**
 * Lets the host handle what has piled up (an abort, a click, another request) in the middle of long work.
 * @throws the signal's reason when it was aborted.
 */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  signal?.throwIfAborted();
}
