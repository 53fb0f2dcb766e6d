import { backProjection, multiplyRows, multiplyTransposedRows } from '@anomclip/pointcloud/views';
import { type Golden, largestError } from '../golden.js';
import type { Compare } from '../parity.js';

/** Maps of views brought to points, from the reference's own correspondences. */
export function checkBackProjection(golden: Golden, compare: Compare): void {
  const [sampleCount, viewCount, pointCount] = golden.shape('input.correspondence_xy_seen');
  const [, channels, size] = golden.shape('output.similarity_map_first_layer');
  const rows = golden.values('input.correspondence_xy_seen');
  const maps = golden.values('output.similarity_map_first_layer');
  const isPoint = golden.values('input.non_zero');
  const total = viewCount * pointCount;
  const pixelCount = size * size;
  const actual: number[] = [];
  let adjointError = 0;
  for (let sample = 0; sample < sampleCount; sample++) {
    const foreground = Uint8Array.from(isPoint.subarray(sample * pointCount, (sample + 1) * pointCount));
    const xySeen = rows.subarray(3 * sample * total, 3 * (sample + 1) * total);
    const matrix = backProjection({
      viewCount,
      pointCount,
      size,
      pixels: Uint16Array.from({ length: 2 * total }, (_, i) => xySeen[3 * (i >> 1) + (i & 1)]),
      visible: Uint8Array.from({ length: total }, (_, i) => xySeen[3 * i + 2] * foreground[i % pointCount]),
      foreground,
    });
    for (let channel = 0; channel < channels; channel++) {
      const channelMaps = Float32Array.from({ length: viewCount * pixelCount }, (_, i) => {
        const view = sample * viewCount + Math.floor(i / pixelCount);
        return maps[(view * channels + channel) * pixelCount + (i % pixelCount)];
      });
      const points = multiplyRows(matrix, channelMaps);
      const back = multiplyTransposedRows(matrix, points);
      adjointError = Math.max(adjointError, Math.abs(dot(points, points) / dot(channelMaps, back) - 1));
      actual.push(...points);
    }
  }
  compare(
    'output.point_map from the given maps',
    largestError(actual, golden.values('output.point_map')),
    1e-6,
  );
  compare('⟨A x, A x⟩ = ⟨x, Aᵀ A x⟩, relative', adjointError, 1e-6);
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
