import { type Image, type Mask, resizeImage } from '@anomclip/core/image';
import type { ResNet } from '@anomclip/core/resnet';
import type { GradientSource } from '@anomclip/core/training';
import type { Dataset, Sample } from '@anomclip/datasets';
import type { MatrixProduct } from '@anomclip/methods/matrix-products';
import {
  fitThreeDzal,
  fuseOverTestSet,
  loadThreeDzal,
  type ThreeDzalConfig,
  type ThreeDzalDetector,
  type ThreeDzalPrediction,
  threeDzalConfig,
} from '@anomclip/methods/three-dzal';
import { imageMetrics, pixelMetrics } from '@anomclip/metrics';
import { padToSquare } from '@anomclip/pointcloud';
import ndarray from 'ndarray';
import { pickTestSamples } from '../../shared/pick-samples.js';
import type { Evidence, Json, Measurement } from '../driver/cell.js';
import { evaluateClass, type ScoredSample } from '../driver/evaluate-class.js';
import type { CellContext, RunCell } from '../driver/run-cells.js';
import type { Donations } from './donations.js';
import type { ThreeDzalCell, ThreeDzalSettings } from './plan.js';
import { drawSamples, readScan, readScans } from './scans.js';

/** What cells work with. */
export interface ThreeDzalStudy {
  readonly dataset: Dataset;
  readonly donationsOf: Donations;
  readonly colourNetwork?: ResNet;
  /** Searches the bank. */
  readonly product: MatrixProduct;
  /** Of the training. @defaultValue TensorFlow.js's */
  readonly gradients?: GradientSource;
}

/** How tables name what a cell has learned from. */
function partOf(train: readonly string[]): string {
  return `trained on ${train.join(' + ')}`;
}

/** Learns from the normal scans of the training classes and scores the test splits of the cell's classes. */
export function createRunCell(study: ThreeDzalStudy): RunCell<ThreeDzalSettings> {
  return async (cell, context) => {
    const { options } = cell;
    const { detector, details } = await learn(study, cell as ThreeDzalCell, context);
    const measurements: Measurement[] = [];
    const evidence: Evidence[] = [];
    const terms: Record<string, Json> = {};
    try {
      for (const className of cell.classes) {
        const samples = study.dataset.samples({ className, split: 'test' });
        const test = pickTestSamples(samples, options.testSamples ?? undefined);
        const scored = await scoreAll(detector, test, options.testsetMinmax, context);
        const part = partOf(options.train);
        const result = await evaluateClass(className, scored.whole, { part, aupro: 'mvtec3d' });
        measurements.push(result.measurement);
        evidence.push(result.evidence);
        terms[className] = { distance: alone(scored.distance), classification: alone(scored.classification) };
      }
    } finally {
      detector.dispose();
    }
    return { measurements, evidence, details: { ...details, 'each score alone': terms } };
  };
}

/** Learned, saved, and loaded again: what is scored is what a user would load. */
async function learn(
  { dataset, donationsOf, colourNetwork, product, gradients }: ThreeDzalStudy,
  { options, seed }: ThreeDzalCell,
  context: CellContext,
): Promise<{ detector: ThreeDzalDetector; details: Record<string, Json> }> {
  const config: ThreeDzalConfig = threeDzalConfig(options.config);
  const { signal, step } = context;
  const donors = await donationsOf(options.donors, config, context);
  const train = options.train.flatMap((className) => {
    const all = dataset.samples({ className, split: 'train', label: 0 });
    return drawSamples(all, options.trainSamples ?? 0, seed, `train ${className}`);
  });
  const calibration = options.train.flatMap((className) =>
    dataset.samples({ className, split: 'validation', label: 0 }),
  );
  const networks = colourNetwork ? { colourNetwork } : {};
  const start = performance.now();
  const fitted = await fitThreeDzal(readScans(train), donors, config, {
    ...networks,
    product,
    ...(gradients && { gradients }),
    signal,
    ...(calibration.length > 0 && { calibration: readScans(calibration) }),
    onProgress: ({ stage, done, total }) => step(`${stage} ${done}${total ? ` of ${total}` : ''}`),
  });
  const seconds = (performance.now() - start) / 1000;
  try {
    const losses = [...fitted.history].map(([name, values]): [string, number] => [
      `${name}, last tenth`,
      mean(values.slice(-Math.ceil(values.length / 10))),
    ]);
    const bytes = await fitted.save();
    return {
      detector: loadThreeDzal(bytes, { ...networks, product }),
      details: {
        'scans learned from': train.length,
        'seconds of fitting': Number(seconds.toFixed(1)),
        'training steps': fitted.history.get('total')?.length ?? 0,
        branches: [...fitted.branches],
        'bank rows': fitted.bankSize,
        'distance scale': fitted.constants.distanceScale,
        ...Object.fromEntries(losses),
      },
    };
  } finally {
    fitted.dispose();
  }
}

/** A test split scored by the whole method, and by either of its two scores alone. */
interface ScoredSplit {
  readonly whole: readonly ScoredSample[];
  readonly distance: readonly ScoredSample[];
  readonly classification: readonly ScoredSample[];
}

async function scoreAll(
  detector: ThreeDzalDetector,
  test: readonly Sample[],
  isTransductive: boolean,
  { signal, step }: CellContext,
): Promise<ScoredSplit> {
  const predictions: ThreeDzalPrediction[] = [];
  const masks: Mask[] = [];
  for (const [i, sample] of test.entries()) {
    signal.throwIfAborted();
    step(`${sample.className}, scan ${i + 1} of ${test.length}`);
    predictions.push(await detector.predict(await readScan(sample), { signal }));
    masks.push(detector.toModelGrid(await sample.loadMask()));
  }
  const { fusion } = detector.config;
  const fused = isTransductive ? fuseOverTestSet(predictions, fusion) : predictions;
  const scored = (
    of: (prediction: ThreeDzalPrediction) => Pick<ThreeDzalPrediction, 'imageScore' | 'anomalyMap'>,
  ) =>
    test.map((sample, i): ScoredSample => {
      const { imageScore, anomalyMap } = of(fused[i]);
      const { id, label } = sample;
      const picture = async () => ({ image: await pictureOf(sample, detector.config) });
      return { id, label, imageScore, map: anomalyMap, mask: masks[i], picture };
    });
  const term = (name: 'distance' | 'classification') =>
    scored((prediction) => ({ imageScore: prediction[name].score, anomalyMap: prediction[name].anomalyMap }));
  return {
    whole: scored((each) => each),
    distance: term('distance'),
    classification: term('classification'),
  };
}

function alone(samples: readonly ScoredSample[]): Json {
  const { auroc } = imageMetrics(
    Float64Array.from(samples, ({ imageScore }) => imageScore),
    Uint8Array.from(samples, ({ label }) => label),
  );
  const mapped = samples.flatMap(({ map, mask }) => (map && mask ? [{ map, mask }] : []));
  const pixel = pixelMetrics(
    mapped.map(({ map }) => map),
    mapped.map(({ mask }) => mask),
    { mode: 'mvtec3d' },
  );
  return { 'I-AUROC': auroc, 'P-AUROC': pixel.auroc, AUPRO: pixel.aupro.value };
}

/** The image of a scan on the grid of the maps. */
async function pictureOf(sample: Sample, { size, preprocess, background }: ThreeDzalConfig): Promise<Image> {
  const { organised, image } = await readScan(sample);
  if (!image) return ndarray(new Uint8Array(3 * size * size), [size, size, 3]);
  const padded =
    preprocess === 'raw' ? image : (padToSquare({ organised, image }, background.padMultiple).image ?? image);
  return ndarray(resizeImage(padded, size, size).data as Uint8Array, [size, size, 3]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
