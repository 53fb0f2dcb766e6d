import { breathe, type LongWorkOptions } from '@anomclip/core';
import { createRng, type Rng } from '@anomclip/core/random';
import { ResNet, randomResNetWeights, resNet50 } from '@anomclip/core/resnet';
import { pointsOfInterest } from '@anomclip/synth/cloud';
import type { NdArray } from 'ndarray';
import type { BtfSample } from '../btf/btf-detector.js';
import { scanToModelGrid } from '../btf/model-grid.js';
import { attentionMap } from './attention.js';
import {
  type PartialThreeDzalConfig,
  type ThreeDzalConfig,
  type ThreeDzalPreset,
  threeDzalConfig,
} from './config.js';

export interface PointsToDonateOptions extends LongWorkOptions {
  /** @defaultValue 'paper' */
  readonly preset?: ThreeDzalPreset;
  /**
   * Finds the points; stays the caller's. A ResNet-50 of ImageNet is the paper's ablation.
   * @defaultValue one that was never trained, made of the seed: {@link attentionNetwork}
   */
  readonly network?: ResNet;
}

/**
 * What the scans of one class can donate to pseudo anomalies of other classes: the points that a network which was never
 * trained finds interesting (section 5 of 3DzAL's specification), 50 per scan by default. They depend on the scan alone:
 * compute them once for all pairs of classes. Stage `'donors'`, one step per scan.
 *
 * @param samples - Normal scans. Of an array, at most `donors.perClass` are drawn; a stream is taken whole.
 * @returns Per scan [K, 3], for `fitThreeDzal`; a scan without points has K = 0.
 * @throws {@link ShapeError} when the xyz of a scan is not [H, W, 3].
 */
export async function pointsToDonate(
  samples: Iterable<BtfSample> | AsyncIterable<BtfSample>,
  given: PartialThreeDzalConfig = {},
  options: PointsToDonateOptions = {},
): Promise<NdArray<Float32Array>[]> {
  const { signal, onProgress, network: borrowed } = options;
  const config = threeDzalConfig(given, options.preset);
  const { donors, missing } = config;
  const { input, perSample } = config.randomCnn;
  const chosen = Array.isArray(samples) ? drawn(samples, donors.perClass, createRng(config.seed)) : samples;
  const total = Array.isArray(chosen) ? chosen.length : undefined;
  const points: NdArray<Float32Array>[] = [];
  let network = borrowed;
  try {
    for await (const sample of chosen) {
      await breathe(signal);
      if (!borrowed && (perSample || !network)) {
        network?.dispose();
        network = await attentionNetwork(config, perSample ? points.length : undefined);
      }
      if (!network) break; // never: it has just been made
      const { organised } = scanToModelGrid({ organised: sample.organised }, config);
      const attention = await attentionMap(organised, network, { input, missing });
      points.push(pointsOfInterest(organised, attention, { share: donors.share, over: donors.over }));
      onProgress?.({ stage: 'donors', done: points.length, ...(total !== undefined && { total }) });
    }
    return points;
  } finally {
    if (!borrowed) network?.dispose();
  }
}

/** The ResNet-50 that was never trained, its first three stages. The caller owns it. @param sample - Of `perSample`. */
export function attentionNetwork(
  { seed, randomCnn }: Pick<ThreeDzalConfig, 'seed' | 'randomCnn'>,
  sample?: number,
): Promise<ResNet> {
  const rng = createRng(seed);
  const own = sample === undefined ? rng.fork('random-cnn') : rng.fork('random-cnn', sample);
  return ResNet.load(randomResNetWeights(resNet50, own, { fan: randomCnn.fan }), resNet50, {
    lastStage: 3,
    statistics: randomCnn.batchNorm === 'batch' ? 'batch' : 'running',
  });
}

/** At most `most` of the items, drawn and in their order; all when `most` is 0. */
export function drawn<T>(items: readonly T[], most: number, rng: Rng): readonly T[] {
  if (most === 0 || items.length <= most) return items;
  return [...rng.fork('donors').sample(items.length, most)]
    .sort((a, b) => a - b)
    .map((index) => items[index]);
}
