import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Peer } from './peer.js';

export interface Comparison {
  readonly name: string;
  /** The library's work, once. */
  readonly ours: () => unknown | Promise<unknown>;
  readonly peer: Peer | undefined;
  /** What to install when the peer is absent. */
  readonly install: string;
  /** The largest ratio of our time to the peer's that we accept. */
  readonly atMost: number;
  /** Asks for the peak memory of the library's process; then it is printed beside the peer's. */
  readonly megabytes?: () => Promise<number>;
}

/**
 * Runs the library and its peer in turn, so that both meet the same weather on a shared machine, and prints
 * the medians and the median of the pairwise ratios.
 *
 * @returns Whether the ratio is within `atMost`; true when there is no peer to compare with.
 */
export async function compare(
  { name, ours, peer, install, atMost, megabytes }: Comparison,
  rounds: number,
): Promise<boolean> {
  await ours(); // compiled code and warm caches on both sides
  await peer?.seconds();
  const pairs: [number, number][] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await ours();
    pairs.push([(performance.now() - start) / 1000, (await peer?.seconds()) ?? Number.NaN]);
  }
  if (megabytes) {
    const peaks = [await megabytes(), ...(peer ? [await peer.megabytes()] : [])];
    console.log(`${name}: peak memory ${peaks.map((peak) => `${peak.toFixed(0)} MB`).join(', peer ')}`);
  }
  peer?.stop();
  const seconds = median(pairs.map(([our]) => our)).toFixed(3);
  if (!peer) {
    console.log(`${name}: ${seconds} s; nothing to compare with (${install})`);
    return true;
  }
  const ratio = median(pairs.map(([our, their]) => our / their));
  const theirs = median(pairs.map(([, their]) => their)).toFixed(3);
  const verdict = ratio <= atMost ? 'met' : 'MISSED';
  console.log(
    `${name}: ${seconds} s, ${peer.description} ${theirs} s, ratio ${ratio.toFixed(2)} (at most ${atMost}: ${verdict})`,
  );
  return ratio <= atMost;
}

/** Gives typed arrays to another process as files, and takes the files away afterwards. */
export async function withFiles<T>(
  arrays: Readonly<Record<string, Float32Array | Float64Array | Uint8Array>>,
  work: (path: (name: string) => string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'anomclip-bench-'));
  const path = (name: string) => join(folder, name);
  try {
    for (const [name, array] of Object.entries(arrays)) writeFileSync(path(name), array);
    return await work(path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
