import { interpolationMatrix } from '@anomclip/core/tensor';
import { backProjection, type Correspondences, multiplyTransposedRows } from '@anomclip/pointcloud/views';
import type { PointadConfig } from './config.js';

/** The ground truth of a sample with V views of R × R pixels, and N cells. */
export interface GroundTruth {
  readonly correspondences: Correspondences;
  /** [N] 1 where a point is anomalous. */
  readonly targets: Uint8Array;
  /** [V, R, R] 1 where a view shows an anomalous point. */
  readonly masks: Uint8Array;
}

/**
 * What the dice losses need to know of a sample. Upsampling and the average over the views are linear in the
 * probabilities p of the P patches, so every sum over pixels and points is ⟨p, weights⟩ with the weights here: no map is
 * read at any point, and no gradient scattered.
 */
export interface DiceTargets {
  /** [V, P]: Σ over the pixels of a view of its map times its mask. */
  readonly maskedPixels: Float32Array;
  /** [V] */
  readonly maskSizes: Float32Array;
  /** [V, P]: Σ_j S_j y_j, over the anomalous points. */
  readonly anomalousPoints: Float32Array;
  /** [V, P]: Σ_j S_j, over all points. */
  readonly allPoints: Float32Array;
  /** Σ_j y_j */
  readonly anomalousCount: number;
  /** Cells that count: all, or those with a point. */
  readonly cellCount: number;
  /** Σ_j w_j y_j, w_j the sum of a point's weights over the views: S_j of both classes together. */
  readonly anomalousWeight: number;
  /** Σ_j w_j */
  readonly weight: number;
}

/** The parts of a configuration that decide how points count. */
export type DiceConfig = Pick<PointadConfig, 'viewNormalization'> & {
  readonly loss: Pick<PointadConfig['loss'], 'background'>;
};

/** @param side - Patches along each side of a view, P = side². */
export function diceTargets(
  { correspondences, targets, masks }: GroundTruth,
  side: number,
  { viewNormalization, loss }: DiceConfig,
): DiceTargets {
  const { viewCount, size, foreground } = correspondences;
  const excludes = loss.background === 'exclude';
  const counts = Float32Array.from(targets, (target, cell) =>
    Number(target && (!excludes || foreground[cell])),
  );
  const reading = backProjection(correspondences, { viewNormalization, mapSize: side });
  const ones = new Float32Array(foreground.length).fill(1);
  const allPoints = multiplyTransposedRows(reading, ones);
  const anomalousPoints = multiplyTransposedRows(reading, counts);
  const pool = pooling(size, side);
  const maskedPixels = new Float32Array(viewCount * side * side);
  const maskSizes = new Float32Array(viewCount);
  for (let view = 0; view < viewCount; view++) {
    const mask = masks.subarray(view * size * size, (view + 1) * size * size);
    maskSizes[view] = sum(mask);
    maskedPixels.set(pool(mask), view * side * side);
  }
  return {
    maskedPixels,
    maskSizes,
    anomalousPoints,
    allPoints,
    anomalousCount: sum(counts),
    cellCount: excludes ? sum(foreground) : foreground.length,
    anomalousWeight: sum(anomalousPoints),
    weight: sum(allPoints),
  };
}

/** [P]: Σ over all pixels of a map of size² pixels, as a weight of its patches. */
export function pixelWeights(size: number, side: number): Float32Array {
  return pooling(size, side)(new Uint8Array(size * size).fill(1));
}

/** The adjoint of the upsampling, Uᵀ M U. */
function pooling(size: number, side: number): (mask: Uint8Array) => Float32Array {
  const upsampling = interpolationMatrix(side, size); // [size, side]
  const add = (to: Float32Array, at: number, from: number, scale: number) => {
    for (let i = 0; i < side; i++) to[at + i] += scale * upsampling[from * side + i];
  };
  return (mask) => {
    const pooled = new Float32Array(side * side);
    const line = new Float32Array(side);
    for (let row = 0; row < size; row++) {
      line.fill(0);
      for (let column = 0; column < size; column++) if (mask[row * size + column]) add(line, 0, column, 1);
      for (let i = 0; i < side; i++) {
        const weight = upsampling[row * side + i];
        if (weight > 0) for (let j = 0; j < side; j++) pooled[i * side + j] += weight * line[j];
      }
    }
    return pooled;
  };
}

function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
}
