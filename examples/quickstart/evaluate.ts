import { createRng, type Rng } from '@anomclip/core/random';
import type { Dataset, Sample } from '@anomclip/datasets';
import { type BtfDetector, btfPresets, fitBtf } from '@anomclip/methods';
import { foregroundMap, imageMetrics, pixelMetrics, rocCurve } from '@anomclip/metrics';
import { depthMap, resizeNearest } from '@anomclip/pointcloud';
import ndarray from 'ndarray';
import { scoreRange } from '../shared/case-strip.js';
import { cleanScans, loadCleanScan } from '../shared/clean-scan.js';
import { pickTestSamples, pickTrainSamples } from '../shared/pick-samples.js';
import { pictureCases } from './cases.js';
import type { CategoryResult } from './results.js';
import { gridSize, type ScoredScan } from './scored-scan.js';

/** What evaluating one category depends on. */
export interface EvaluationOptions {
  readonly trainScans: number;
  /** Absent: the whole test split. */
  readonly testScans?: number;
  readonly seed: number;
}

/**
 * The whole line for one category: scans → background removed → memory bank of normal patches → scores and maps →
 * metrics. Holds one scan at a time, and the maps of the category.
 */
export async function evaluateCategory(
  dataset: Dataset,
  className: string,
  options: EvaluationOptions,
  onStep: (text: string) => void = () => {},
): Promise<CategoryResult> {
  const rng = createRng(options.seed).fork('quickstart', className);
  const backgroundRng = ({ id }: Sample) => rng.fork('background', id);
  const train = pickTrainSamples(dataset.samples({ className, split: 'train' }), options.trainScans, rng);
  const test = pickTestSamples(dataset.samples({ className, split: 'test' }), options.testScans);

  const fitStart = performance.now();
  // Scans arrive cleaned, so BTF takes them as they come.
  const config = { ...btfPresets.reference, preprocess: 'raw', seed: options.seed } as const;
  const detector = await fitBtf(cleanScans(train, backgroundRng), config, {
    onProgress: ({ stage, done }) =>
      onStep(stage === 'features' ? `learned scan ${done} of ${train.length}` : 'choosing the coreset'),
  });
  const fitSeconds = (performance.now() - fitStart) / 1000;

  const scored: ScoredScan[] = [];
  const testStart = performance.now();
  for (const [index, sample] of test.entries()) {
    onStep(`scoring scan ${index + 1} of ${test.length}`);
    scored.push(await scoreScan(sample, detector, rng));
  }
  const secondsPerScan = (performance.now() - testStart) / 1000 / test.length;
  detector.dispose();

  onStep('computing metrics');
  const labels = Uint8Array.from(scored, ({ sample }) => sample.label);
  const imageScores = Float64Array.from(scored, ({ imageScore }) => imageScore);
  const [maps, masks] = [scored.map(({ map }) => map), scored.map(({ mask }) => mask)];
  const image = imageMetrics(imageScores, labels);
  const pixel = pixelMetrics(maps, masks, { mode: 'mvtec3d' });
  const foreground = pixelMetrics(
    scored.map((scan) => scan.foreground),
    masks,
    { mode: 'mvtec3d' },
  );
  const mapRange = scoreRange(maps);
  return {
    className,
    trainScans: train.length,
    scans: scored.map(({ sample: { id, defectType, label }, imageScore }) => ({
      id,
      defectType,
      label,
      imageScore,
    })),
    imageAuroc: image.auroc,
    imageAp: image.ap,
    pixelAuroc: pixel.auroc,
    aupro: pixel.aupro.value,
    foregroundPixelAuroc: foreground.auroc,
    foregroundAupro: foreground.aupro.value,
    fitSeconds,
    secondsPerScan,
    peakMemoryBytes: 1024 * process.resourceUsage().maxRSS,
    imageRoc: rocCurve(imageScores, labels),
    pixelRoc: rocCurve(maps, masks, { thin: 200 }),
    mapRange,
    cases: await pictureCases(scored, mapRange),
  };
}

async function scoreScan(sample: Sample, detector: BtfDetector, rng: Rng): Promise<ScoredScan> {
  const scan = await loadCleanScan(sample, rng.fork('background', sample.id));
  const { imageScore, anomalyMap } = await detector.predict(scan);
  if (!anomalyMap) throw new Error(`${sample.id}: the detector gave no anomaly map`);
  const depths = depthMap(resizeNearest(scan.organised, gridSize, gridSize));
  const onObject = ndarray(
    Uint8Array.from(depths.data, (depth) => Number(depth !== 0)),
    depths.shape,
  );
  const noise = rng.fork('foreground', sample.id);
  return {
    sample,
    imageScore,
    map: anomalyMap,
    mask: detector.toModelGrid(scan.mask),
    foreground: foregroundMap(onObject, () => noise.uniform()),
  };
}
