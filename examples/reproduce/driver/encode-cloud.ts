import type { OrganisedCloud } from '@anomclip/core';
import type { AnomalyMap, Image, Mask } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import type { EncodedCloud } from './cell.js';

/** The points of a sample with what a method says about each. */
export interface ScoredCloud {
  /** xyz triples, 3·N. */
  readonly positions: Float32Array;
  /** N. */
  readonly scores: ArrayLike<number>;
  /** N, 1 where anomalous. */
  readonly truth?: ArrayLike<number>;
  /** RGB triples, 3·N. */
  readonly colours?: ArrayLike<number>;
}

/**
 * The measured points of a scan with the map and the mask on its pixels.
 *
 * @param xyz - [H, W, 3] with zeros where nothing was measured.
 * @param map - [h, w] on the same square; the nearest pixel counts where the sizes differ. `mask` likewise.
 */
export function scoredScan(
  { xyz }: OrganisedCloud,
  { map, mask, image }: { readonly map: AnomalyMap; readonly mask?: Mask; readonly image?: Image },
): ScoredCloud {
  const [height, width] = xyz.shape;
  const points: [row: number, column: number][] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      if ([0, 1, 2].some((axis) => xyz.get(row, column, axis) !== 0)) points.push([row, column]);
    }
  }
  const at = (plane: AnomalyMap | Mask) =>
    points.map(([row, column]) => {
      const [rows, columns] = plane.shape;
      return plane.get(Math.floor((row * rows) / height), Math.floor((column * columns) / width));
    });
  const triples = (grid: { get(row: number, column: number, channel: number): number }) =>
    points.flatMap(([row, column]) => [0, 1, 2].map((channel) => grid.get(row, column, channel)));
  const hasColours = image?.shape[0] === height && image.shape[1] === width;
  return {
    positions: Float32Array.from(triples(xyz)),
    scores: at(map),
    ...(mask && { truth: at(mask) }),
    ...(image && hasColours && { colours: triples(image) }),
  };
}

/** More points than this tell a reader no more. */
const pointLimit = 20_000;

/**
 * A cloud as the report keeps it, 8 to 11 bytes a point. Points come in random order, so that the first n are an even
 * sample of all.
 *
 * @param low - Score that is painted darkest; `high` brightest.
 */
export function encodeCloud(
  { positions, scores, truth, colours }: ScoredCloud,
  [low, high]: readonly [low: number, high: number],
): EncodedCloud {
  const count = Math.min(pointLimit, scores.length);
  const order = createRng(0).sample(scores.length, count);
  const corner = [0, 1, 2].map((axis) => extreme(positions, axis, Math.min));
  const side = Math.max(...[0, 1, 2].map((axis) => extreme(positions, axis, Math.max) - corner[axis])) || 1;
  const pick = (width: number, value: (point: number, channel: number) => number) =>
    Array.from({ length: width * count }, (_, i) => value(order[Math.floor(i / width)], i % width));
  const share = (score: number) => (high > low ? Math.min(1, Math.max(0, (score - low) / (high - low))) : 0);
  return {
    count,
    positions: base64(
      Uint16Array.from(
        pick(3, (point, axis) => (65535 * (positions[3 * point + axis] - corner[axis])) / side),
      ),
    ),
    scores: base64(Uint8Array.from(pick(1, (point) => Math.round(255 * share(scores[point]))))),
    ...(truth && { truth: base64(Uint8Array.from(pick(1, (point) => Number(truth[point] > 0)))) }),
    ...(colours && {
      colours: base64(Uint8Array.from(pick(3, (point, channel) => colours[3 * point + channel]))),
    }),
  };
}

function extreme(positions: Float32Array, axis: number, better: (a: number, b: number) => number): number {
  let found = positions[axis];
  for (let i = axis; i < positions.length; i += 3) found = better(found, positions[i]);
  return found;
}

/** Little-endian, as the machines are that we run on. */
function base64({ buffer, byteOffset, byteLength }: Uint8Array | Uint16Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('base64');
}
