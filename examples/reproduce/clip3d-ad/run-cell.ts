import { AnomclipError } from '@anomclip/core';
import { Clip } from '@anomclip/core/clip';
import { cachedEncoder, FeatureCache } from '@anomclip/core/encoder';
import { type AnomalyMap, interpolate } from '@anomclip/core/image';
import { type Dataset, kShotSubset, type Sample } from '@anomclip/datasets';
import { clipAcPresets, createClipAc } from '@anomclip/methods/clip-ac';
import {
  type Clip3dConfig,
  type Clip3dSample,
  clip3dConfig,
  evaluationMask,
  type FitClip3dOptions,
  fitClip3d,
  loadClip3d,
  saveClip3d,
} from '@anomclip/methods/clip3d-ad';
import { pickTestSamples } from '../../shared/pick-samples.js';
import type { Json } from '../driver/cell.js';
import { scoredScan } from '../driver/encode-cloud.js';
import { evaluateClass, type ScoredSample } from '../driver/evaluate-class.js';
import type { CellContext, RunCell } from '../driver/run-cells.js';
import { trainingEngine } from '../driver/training-engine.js';
import type { Clip3dSettings } from './plan.js';
import { type LoadPrepared, preparedScans } from './prepared-scans.js';

/** What cells work with. */
export interface Clip3dStudy {
  readonly dataset: Dataset;
  /** The model, with the patch features of a method. */
  clipFor(method: string): Promise<Clip>;
}

/** Learns from k normal scans of the cell's class, or nothing for CLIP-AC, and scores its test split. */
export function createRunCell({ dataset, clipFor }: Clip3dStudy): RunCell<Clip3dSettings> {
  const load = preparedScans(dataset);
  const cache = new FeatureCache({ maxBytes: 2 ** 30 });
  return async (cell, context) => {
    const [className] = cell.classes;
    const config = clip3dConfig(cell.options.config);
    const clip = await clipFor(cell.method);
    const size = config.evalSize === 'model' ? clip.config.vision.imageSize : config.evalSize;
    const test = pickTestSamples(
      dataset.samples({ className, split: 'test' }),
      cell.options.testSamples ?? undefined,
    );
    const scorer =
      cell.method === 'CLIP-AC'
        ? clipAc(caching(clip, cache), className, config, size)
        : await fewShot(
            { clip, cached: caching(clip, cache), config, engine: await trainingEngine(cell.options) },
            { className, samples: kShotOf(dataset, className, cell.k ?? 1, config), load },
            context,
          );
    try {
      const scored: ScoredSample[] = [];
      for (const [i, sample] of test.entries()) {
        context.signal.throwIfAborted();
        context.step(`sample ${i + 1} of ${test.length}`);
        const prepared = await load(sample, config, clip.config.vision.imageSize);
        const { imageScore, map } = await scorer.predict(prepared);
        const mask = evaluationMask(await sample.loadMask(), size, config);
        const picture = () => ({
          image: prepared.image,
          ...pictureGrid(prepared, map, mask),
          ...(size !== 'native' && {
            cloud: scoredScan(prepared.organised, { map, mask, image: prepared.image }),
          }),
        });
        scored.push({ id: sample.id, label: sample.label, imageScore, map, mask, picture });
      }
      const { measurement, evidence } = await evaluateClass(className, scored, { aupro: 'mvtec3d' });
      return {
        // As the paper calls it.
        measurements: [{ ...measurement, metrics: { ...measurement.metrics, AUPR: measurement.metrics.AP } }],
        evidence: [evidence],
        details: scorer.details,
      };
    } finally {
      scorer.dispose();
    }
  };
}

/** A prepared scan becomes a score and a map of the evaluated size. */
interface Scorer {
  readonly details: Readonly<Record<string, Json>>;
  predict(sample: Clip3dSample): Promise<{ imageScore: number; map: AnomalyMap }>;
  dispose(): void;
}

/** The same model, which keeps the features of images that come again: test scans, for every seed and number of shots. */
function caching(clip: Clip, cache: FeatureCache): Clip {
  const { text, tokenizer, config } = clip;
  return new Clip(config, {
    vision: cachedEncoder(clip.vision, cache, { weights: 'this run' }),
    text,
    tokenizer,
  });
}

/** Zero-shot, on the cleaned image. */
function clipAc(clip: Clip, className: string, { truncate }: Clip3dConfig, size: number | 'native'): Scorer {
  const detector = createClipAc(clip, className, { ...clipAcPresets.ensemble, truncate });
  return {
    details: {},
    async predict({ image, source: { height, width, top, left } }) {
      const { imageScore, anomalyMap } = await detector.predict({ image });
      if (!anomalyMap) throw new Error('CLIP-AC gave no map');
      if (size !== 'native') return { imageScore, map: interpolate(anomalyMap, size, size) };
      return { imageScore, map: anomalyMap.lo(top, left).hi(height, width) };
    },
    dispose: () => detector.dispose(),
  };
}

function kShotOf(dataset: Dataset, className: string, k: number, { seed }: Clip3dConfig): Sample[] {
  return kShotSubset(dataset.samples({ className, split: 'train', label: 0 }), k, { seed });
}

interface FewShotModel {
  readonly clip: Clip;
  /** For scoring. */
  readonly cached: Clip;
  readonly config: Clip3dConfig;
  /** For training. */
  readonly engine: Pick<FitClip3dOptions, 'gradients'>;
}

interface FewShotScans {
  readonly className: string;
  readonly samples: readonly Sample[];
  readonly load: LoadPrepared;
}

/** Learned, saved, and loaded again: what is scored is what a user would load. */
async function fewShot(
  { clip, cached, config, engine }: FewShotModel,
  { className, samples, load }: FewShotScans,
  { signal, step }: CellContext,
): Promise<Scorer> {
  const scans: Clip3dSample[] = [];
  for (const sample of samples) scans.push(await load(sample, config, clip.config.vision.imageSize));
  const start = performance.now();
  const fitted = await fitClip3d(clip, scans, config, {
    className,
    signal,
    ...engine,
    onProgress: ({ stage, done, total }) => step(`${stage} ${done} of ${total}`),
  });
  const seconds = (performance.now() - start) / 1000;
  try {
    const bytes = await saveClip3d(fitted, clip.config);
    const losses = Object.fromEntries(
      [...fitted.history].flatMap(([name, values]): [string, number][] => [
        [`${name}, first tenth`, mean(values.slice(0, Math.ceil(values.length / 10)))],
        [`${name}, last tenth`, mean(values.slice(-Math.ceil(values.length / 10)))],
      ]),
    );
    const steps = fitted.history.get('total')?.length ?? 0;
    const details = {
      'learned from': samples.map(({ id }) => id),
      ...losses,
      'seconds per training step': seconds / steps,
      'bytes saved': bytes.length,
    };
    const detector = loadClip3d(bytes, cached);
    const [first, again] = [await fitted.predict(scans[0]), await detector.predict(scans[0])];
    if (Math.abs(first.imageScore - again.imageScore) > 1e-6) {
      throw new AnomclipError(`${className}: ${first.imageScore} before saving, ${again.imageScore} after`);
    }
    return {
      details,
      async predict(sample) {
        const { imageScore, anomalyMap } = await detector.predict(sample, { signal });
        return { imageScore, map: anomalyMap };
      },
      dispose: () => detector.dispose(),
    };
  } finally {
    fitted.dispose();
  }
}

/** Map and mask on the pixels of the picture. */
function pictureGrid({ image }: Clip3dSample, map: AnomalyMap, mask: ScoredSample['mask']) {
  const [height, width] = image.shape;
  return mask && map.shape[0] === height && map.shape[1] === width ? { map, mask } : {};
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
