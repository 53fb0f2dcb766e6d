import { createRng } from '@anomclip/core/random';

/**
 * A scan-like surface: `count` points on a wavy height field of 0.12 m side, irregularly spaced, with sensor noise.
 *
 * @returns xyz triples, metres.
 */
export function scannedPoints(count: number): Float32Array {
  const rng = createRng('bench/scan');
  const side = Math.ceil(Math.sqrt(count));
  const spacing = 0.12 / side;
  const points = new Float32Array(3 * count);
  for (let i = 0; i < count; i++) {
    const x = ((i % side) + rng.uniform(-0.3, 0.3)) * spacing;
    const y = (Math.floor(i / side) + rng.uniform(-0.3, 0.3)) * spacing;
    const z = 0.4 + 0.008 * Math.sin(70 * x) * Math.cos(50 * y) + rng.normal(0, 5e-5);
    points.set([x, y, z], 3 * i);
  }
  return points;
}
