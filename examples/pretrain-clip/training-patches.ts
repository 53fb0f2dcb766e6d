import type { ClipConfig } from '@anomclip/core/clip';
import type { PairStore } from './pair-store.js';

/** Images that patches are taken from. */
const IMAGES = 800;
/** Patches whose preprocessed values deviate less than this are ground, and left out. */
const LEAST_DEVIATION = 0.05;

/** Preprocessed patches of the first normal images, [N, p·p·3], channels last. */
export function trainingPatches(store: PairStore, { vision, preprocess }: ClipConfig): Float32Array {
  const { patchSize } = vision;
  const { side } = store;
  const perSide = side / patchSize;
  const size = patchSize * patchSize * 3;
  const count = Math.min(IMAGES, store.count);
  const patches = new Float32Array(count * perSide * perSide * size);
  let kept = 0;
  for (let image = 0; image < count; image++) {
    const pixels = store.normal(image);
    for (let patch = 0; patch < perSide * perSide; patch++) {
      const into = patches.subarray(kept * size, (kept + 1) * size);
      const first = Math.floor(patch / perSide) * patchSize * side + (patch % perSide) * patchSize;
      for (let i = 0; i < size; i++) {
        const [row, column, c] = [Math.floor(i / (3 * patchSize)), Math.floor(i / 3) % patchSize, i % 3];
        into[i] =
          (pixels[(first + row * side + column) * 3 + c] / 255 - preprocess.mean[c]) / preprocess.std[c];
      }
      if (deviation(into) >= LEAST_DEVIATION) kept++;
    }
  }
  return patches.slice(0, kept * size);
}

function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
