import type { Features } from '@anomclip/core/encoder';
import type { GoldenFile } from '../../../core/src/testing/golden.fixture.js';
import type { TrainingSample } from './batch.js';
import { diceTargets } from './targets.js';

/** The file's samples and their features; of the first feature layer only, as the released training has it. */
export function goldenSamples(golden: GoldenFile): (readonly [TrainingSample, Features])[] {
  const [samples, viewCount, pointCount] = golden.shape('input.correspondence_xy_seen');
  const size = Math.sqrt(pointCount);
  const layer = (JSON.parse(golden.metadata.feature_layers) as number[])[0];
  const part = (name: string, sample: number) => {
    const values = golden.values(name);
    return values.subarray((sample * values.length) / samples, ((sample + 1) * values.length) / samples);
  };
  return Array.from({ length: samples }, (_, sample) => {
    const seen = part('input.correspondence_xy_seen', sample); // x, y, flag
    const foreground = Uint8Array.from(part('input.non_zero', sample));
    const correspondences = {
      viewCount,
      pointCount,
      size,
      pixels: Uint16Array.from(seen.filter((_, i) => i % 3 < 2)),
      visible: Uint8Array.from(
        seen.filter((_, i) => i % 3 === 2),
        (flag, i) => flag * foreground[i % pointCount],
      ),
      foreground,
    };
    const targets = Uint8Array.from(part('input.gt_points', sample));
    const masks = Uint8Array.from(part('input.view_gt', sample));
    const [width] = golden.shape('output.image_features_unnormalised').slice(-1);
    const patches = unitRows(part(`output.patch_features_layer_${layer}`, sample), width);
    const tokens = patches.length / width / viewCount; // the class token first
    const withoutClass = patches.filter((_, i) => Math.floor(i / width) % tokens > 0);
    const features: Features = new Map([
      [
        'image',
        {
          shape: [viewCount, width],
          data: unitRows(part('output.image_features_unnormalised', sample), width),
        },
      ],
      ['patches', { shape: [viewCount, tokens - 1, width], data: withoutClass }],
    ]);
    const truth = { correspondences, targets, masks };
    const dice = diceTargets(truth, Math.sqrt(tokens - 1), {
      viewNormalization: 'visibleCount',
      loss: { background: 'zeroFill' },
    });
    const [label] = part('input.label', sample);
    return [
      {
        ...truth,
        dice,
        label: label === 1 ? 1 : 0,
        viewLabels: Uint8Array.from(part('input.view_labels', sample)),
      },
      features,
    ];
  });
}

function unitRows(values: Float32Array, width: number): Float32Array {
  return values.map((value, i) => {
    const start = i - (i % width);
    return value / Math.hypot(...values.subarray(start, start + width));
  });
}
