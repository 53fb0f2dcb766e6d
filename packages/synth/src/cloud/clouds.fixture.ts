import type { PointCloud } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import ndarray from 'ndarray';

export function cloudOf(triples: ArrayLike<number>): PointCloud {
  return { positions: ndarray(Float32Array.from(triples), [triples.length / 3, 3]) };
}

/** A unit sphere with outward normals; labels are the indices. */
export function sphere(count: number, seed: number | string = 'sphere'): PointCloud {
  const rng = createRng(seed);
  const positions = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const [x, y, z] = [rng.normal(), rng.normal(), rng.normal()];
    const length = Math.hypot(x, y, z);
    positions.set([x / length, y / length, z / length], 3 * i);
  }
  return {
    positions: ndarray(positions, [count, 3]),
    normals: ndarray(positions.slice(), [count, 3]),
    labels: Uint32Array.from({ length: count }, (_, i) => i),
  };
}

/** A plate in z = 0, from −1 to 1. */
export function plate(count: number, seed: number | string = 'plate'): PointCloud {
  const rng = createRng(seed);
  const positions = Float32Array.from({ length: 3 * count }, (_, i) =>
    i % 3 === 2 ? 0 : rng.uniform(-1, 1),
  );
  return { positions: ndarray(positions, [count, 3]) };
}
