import { ArgumentError, type LongWorkOptions } from '@anomclip/core';
import type { Sample, SampleData } from './sample.js';

/** Options of {@link loadSamples}. */
export interface LoadSamplesOptions extends LongWorkOptions {
  /**
   * How many samples are read at the same time, counting those that wait to be taken: memory holds no more, beside the
   * one in the caller's hands. @defaultValue 2
   */
  readonly concurrency?: number;
}

/** A sample with its files read. */
export interface LoadedSample {
  readonly sample: Sample;
  readonly data: SampleData;
}

/**
 * Loads samples one after the other while the next ones are being read: `for await (const { sample, data } of …)`. They
 * come in the given order.
 *
 * @throws What `sample.load` throws, when that sample's turn comes; the signal's reason when it is aborted.
 * @throws `ArgumentError` when `concurrency` is not a whole number from 1.
 */
export async function* loadSamples(
  samples: Iterable<Sample>,
  options: LoadSamplesOptions = {},
): AsyncGenerator<LoadedSample, void, undefined> {
  const { concurrency = 2, signal, onProgress } = options;
  if (!(Number.isInteger(concurrency) && concurrency >= 1)) {
    throw new ArgumentError('loadSamples: concurrency', 'a whole number from 1', concurrency);
  }
  const all = [...samples];
  const inFlight: Promise<SampleData>[] = [];
  let started = 0;
  for (const [done, sample] of all.entries()) {
    signal?.throwIfAborted();
    while (started < all.length && inFlight.length < concurrency) {
      const loading = all[started++].load({ signal });
      loading.catch(() => {}); // reported when its turn comes, or never if the caller stops before
      inFlight.push(loading);
    }
    const data = await inFlight.shift();
    if (data === undefined) return; // never: one was just started
    signal?.throwIfAborted();
    yield { sample, data };
    onProgress?.({ stage: 'load', done: done + 1, total: all.length });
  }
}
