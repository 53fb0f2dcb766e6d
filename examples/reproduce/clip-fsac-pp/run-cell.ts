import { AnomclipError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import type { Image } from '@anomclip/core/image';
import { type Dataset, kShotSubset, type Sample } from '@anomclip/datasets';
import { clipAcPresets, createClipAc } from '@anomclip/methods/clip-ac';
import { fitFsac, loadFsac, type PartialFsacConfig, saveFsac } from '@anomclip/methods/clip-fsac-pp';
import { pickTestSamples } from '../../shared/pick-samples.js';
import type { CellResult } from '../driver/cell.js';
import { evaluateClass } from '../driver/evaluate-class.js';
import { clipSource } from '../driver/open-clip.js';
import type { CellContext, RunCell } from '../driver/run-cells.js';
import { trainingEngine } from '../driver/training-engine.js';
import { variants } from './options.js';
import type { FsacCell, FsacSettings } from './plan.js';

/** What cells work with. */
export interface FsacStudy {
  readonly dataset: Dataset;
  clipFor(method: string): Promise<Clip>;
}

/** What all cells share. */
interface CellParts {
  readonly clip: Clip;
  readonly dataset: Dataset;
}

/**
 * One run of the protocol. Training sees k normal images of the class; test images are scored one by one, after the last
 * epoch, and nothing is chosen by them.
 */
export function createRunCell({ dataset, clipFor }: FsacStudy): RunCell<FsacSettings> {
  return async (cell, context) => {
    const parts: CellParts = { clip: await clipFor(cell.method), dataset };
    return cell.k === undefined ? zeroShot(parts, cell, context) : fewShot(parts, cell, cell.k, context);
  };
}

async function zeroShot(parts: CellParts, cell: FsacCell, { step }: CellContext): Promise<CellResult> {
  const config =
    cell.method === 'CLIP-AC' ? clipAcPresets.plain : { ...clipAcPresets.ensemble, unitLength: false };
  const results: ClassResult[] = [];
  for (const className of cell.classes) {
    step(className);
    const samples = testSamples(parts, className, cell);
    const detector = createClipAc(parts.clip, className, { ...config, truncate: true });
    const scores: number[] = [];
    for (const sample of samples) {
      scores.push((await detector.predict({ image: await sample.loadImage() })).imageScore);
    }
    detector.dispose();
    results.push(await measured(className, samples, scores));
  }
  return joined(results);
}

async function fewShot(
  parts: CellParts,
  cell: FsacCell,
  k: number,
  { signal, step }: CellContext,
): Promise<CellResult> {
  const { clip, dataset } = parts;
  const {
    seed,
    options,
    classes: [className],
  } = cell;
  const shots = kShotSubset(dataset.samples({ className, split: 'train', label: 0 }), k, { seed });
  const config: PartialFsacConfig = {
    dataset: options.settings,
    truncate: true,
    epochs: options.epochs,
    seed,
    ...variants[options.variant],
    ...(options.synthesis && { synthesis: { method: options.synthesis } }),
  };
  const start = performance.now();
  const fittedDetector = await fitFsac(clip, await imagesOf(shots), config, {
    preset: options.preset,
    className,
    clipIdentity: { model: clipSource(options.clip) },
    ...(await trainingEngine(options)),
    signal,
    onProgress: ({ done, total }) => step(`step ${done} of ${total}`),
  });
  const fitted = performance.now();
  // What is scored is what a user would load.
  const detector = loadFsac(saveFsac(fittedDetector), clip);
  const samples = testSamples(parts, className, cell);
  const images = await imagesOf(samples);
  step('test images');
  const results = [await measured(className, samples, await detector.scoreImages(images, { signal }))];
  if (options.releasedEvaluation) {
    const scores = await detector.scoreImages(images, { evalMode: 'reference-code', signal });
    results.push(await measured(className, samples, scores, 'released evaluation, no result'));
  }
  const before = await fittedDetector.scoreImages(images.slice(0, 1), { signal });
  const after = await detector.scoreImages(images.slice(0, 1), { signal });
  if (before[0] !== after[0]) {
    throw new AnomclipError(`${className}: ${before[0]} before saving, ${after[0]} after`);
  }
  for (const each of [detector, fittedDetector]) each.dispose();
  const total = fittedDetector.history.get('total') ?? [];
  const details = {
    shots: shots.map(({ id }) => id),
    'loss, first tenth': mean(total.slice(0, Math.ceil(total.length / 10))),
    'loss, last tenth': mean(total.slice(-Math.ceil(total.length / 10))),
    secondsOfTraining: Number(((fitted - start) / 1000).toFixed(2)),
    secondsPerTestImage: Number(((performance.now() - fitted) / 1000 / images.length).toFixed(4)),
  };
  return { ...joined(results), details };
}

function testSamples({ dataset }: CellParts, className: string, { options }: FsacCell): Sample[] {
  return pickTestSamples(dataset.samples({ className, split: 'test' }), options.testSamples ?? undefined);
}

type ClassResult = Awaited<ReturnType<typeof evaluateClass>>;

async function measured(
  className: string,
  samples: readonly Sample[],
  scores: ArrayLike<number>,
  part?: string,
): Promise<ClassResult> {
  const scored = samples.map(({ id, label }, i) => ({ id, label, imageScore: scores[i] }));
  const { measurement, evidence } = await evaluateClass(className, scored, part ? { part } : {});
  const { AP, ...metrics } = measurement.metrics;
  return { measurement: { ...measurement, metrics: { ...metrics, AUPR: AP } }, evidence };
}

function joined(results: readonly ClassResult[]): CellResult {
  return {
    measurements: results.map(({ measurement }) => measurement),
    evidence: results.map(({ evidence }) => evidence),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function imagesOf(samples: readonly Sample[]): Promise<Image[]> {
  return Promise.all(samples.map((sample) => sample.loadImage()));
}
