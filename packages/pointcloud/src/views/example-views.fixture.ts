import type { Rng } from '@anomclip/core/random';
import type { ProjectedView } from './correspondences.js';

/** Projections of random points, some outside the 8 × 8 window, some behind the camera, with many equal depths. */
export function randomViews(rng: Rng, viewCount: number, pointCount: number): ProjectedView[] {
  return Array.from({ length: viewCount }, () => {
    const depth = Float64Array.from({ length: pointCount }, () => rng.integer(-1, 5));
    const position = () => depth.map((d) => (d > 0 ? rng.uniform(-3, 10) : Number.NaN));
    return { projection: { u: position(), v: position(), depth }, camera: { width: 8, height: 8 } };
  });
}
