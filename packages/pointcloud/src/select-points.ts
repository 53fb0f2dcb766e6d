import { ArgumentError, type PointCloud } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import type { Rng } from '@anomclip/core/random';
import type { NdArray, TypedArray } from 'ndarray';
import ndarray from 'ndarray';
import { checkCount } from './check-points.js';
import { zerosLike } from './zeros-like.js';

/**
 * The points at `indices`, in that order, with their normals, colours and labels.
 *
 * @throws {@link ArgumentError} when an index is not below the number of points.
 */
export function selectPoints(cloud: PointCloud, indices: Uint32Array): PointCloud {
  const { positions, normals, colours, labels } = cloud;
  const [count] = positions.shape;
  for (const index of indices) {
    if (index >= count) throw new ArgumentError('selectPoints: indices', `values below ${count}`, index);
  }
  return {
    positions: selectRows(positions, indices),
    ...(normals && { normals: selectRows(normals, indices) }),
    ...(colours && { colours: selectRows(colours, indices) }),
    ...(labels && { labels: copyRows(labels, 1, indices) }),
  };
}

/**
 * 0, k, 2k, … below `count`.
 *
 * @throws {@link ArgumentError} when `k` is not a positive integer.
 */
export function everyKth(count: number, k: number): Uint32Array {
  checkCount('everyKth', 'k', k);
  return Uint32Array.from({ length: Math.ceil(count / k) }, (_, i) => i * k);
}

/**
 * `m` different indices below `count` in ascending order, every set equally probable; all of them when `m` is
 * at least `count`.
 */
export function randomPoints(count: number, m: number, rng: Rng): Uint32Array {
  return rng.sample(count, Math.min(m, count)).sort();
}

function selectRows<T extends Float32Array | Uint8Array>(rows: NdArray<T>, indices: Uint32Array): NdArray<T> {
  return ndarray(copyRows(contiguous(rows), 3, indices), [indices.length, 3]);
}

function copyRows<T extends TypedArray>(values: T, width: number, indices: Uint32Array): T {
  const copy = zerosLike(values, width * indices.length);
  let next = 0;
  for (const index of indices) {
    for (let i = index * width; i < (index + 1) * width; i++) copy[next++] = values[i];
  }
  return copy;
}
