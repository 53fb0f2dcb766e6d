import { join } from 'node:path';
import { AnomclipError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import type { AnomalyMap, Mask } from '@anomclip/core/image';
import type { Dataset, Sample } from '@anomclip/datasets';
import type { PointadPrediction, PointadSample } from '@anomclip/methods/pointad';
import type { PreparedCloud } from '@anomclip/pointcloud/prepare';
import type { MultiViewSample } from '@anomclip/pointcloud/views';
import ndarray from 'ndarray';
import { pickTestSamples } from '../../shared/pick-samples.js';
import type { Evidence, Json, Measurement } from '../driver/cell.js';
import { evaluateClass, type ScoredSample } from '../driver/evaluate-class.js';
import type { CellContext, RunCell } from '../driver/run-cells.js';
import { checkSaved } from './check-saved.js';
import { fitMethod } from './detectors.js';
import type { PointadOptions } from './options.js';
import { pictureOf } from './picture.js';
import type { PointadCell, PointadSettings } from './plan.js';
import { type ViewSamples, viewSamples } from './view-samples.js';

/** What cells work with. */
export interface PointadStudy {
  readonly options: PointadOptions;
  /** Where the auxiliary classes lie. */
  readonly source: Dataset;
  /** What is scored. */
  readonly target: Dataset;
  /** The model, with the patch features of a method. */
  clipFor(method: string): Promise<Clip>;
}

/** Trains a cell's method on the auxiliary class, or loads it, and scores the other classes. */
export function createRunCell(study: PointadStudy): RunCell<PointadSettings> {
  const { output } = study.options;
  const samples = viewSamples(join(output, 'views'));
  return async (cell, context) => {
    const clip = await study.clipFor(cell.method);
    const { auxiliary, trainSamples } = cell.options;
    const train =
      auxiliary === undefined
        ? [] // nothing is learned
        : pickTestSamples(
            study.source.samples({ className: auxiliary, split: 'test' }),
            trainSamples ?? undefined,
          );
    const folder = join(output, 'detectors');
    const fitted = await fitMethod(cell, { ...context, clip, samples, train, folder });
    try {
      const measurements: Measurement[] = [];
      const evidence: Evidence[] = [];
      const details: Record<string, Json> = { ...fitted.losses };
      for (const className of cell.classes) {
        const test = pickTestSamples(
          study.target.samples({ className, split: 'test' }),
          cell.options.testSamples ?? undefined,
        );
        const detector = await fitted.forClass(className);
        try {
          const predict = (sample: PointadSample) => detector.predict(sample, { signal: context.signal });
          const scored = await scoreClass(className, test, cell, samples, predict, context);
          for (const { part, ofPart } of partsOf(scored)) {
            const hasGrid = scored.every(({ grid }) => grid);
            const aupro = hasGrid ? 'minmax200' : 'none';
            const result = await evaluateClass(className, ofPart, { part, aupro });
            measurements.push(result.measurement);
            evidence.push(result.evidence);
          }
          if (fitted.file && (study.options.checkSaved || study.options.small)) {
            context.step(`scoring ${className} again in another process`);
            const first = { id: scored[0].id, imageScore: scored[0].points.imageScore };
            const check = { file: fitted.file, className, first, views: cell.options.testViews };
            details[`${className}, largest difference in another process`] = await checkSaved(study, check);
          }
        } finally {
          detector.dispose();
        }
      }
      return { measurements, evidence, details };
    } finally {
      fitted.dispose();
    }
  };
}

/** What is kept of a sample: scores and maps, less than 2 MB. */
interface ScoredBoth {
  readonly id: string;
  readonly grid?: readonly [number, number];
  readonly points: ScoredSample;
  /** Only of samples with an image. */
  readonly both?: ScoredSample;
}

async function scoreClass(
  className: string,
  test: readonly Sample[],
  cell: PointadCell,
  samples: ViewSamples,
  predict: (sample: PointadSample) => Promise<PointadPrediction>,
  { signal, step }: CellContext,
): Promise<ScoredBoth[]> {
  const scored: ScoredBoth[] = [];
  for (const [i, sample] of test.entries()) {
    signal.throwIfAborted();
    step(`${className}, sample ${i + 1} of ${test.length}`);
    const views = await samples.load(sample, cell.options.testViews);
    const prediction = await predict(views);
    const reload = async () => ({
      views: (await samples.load(sample, cell.options.testViews)).views,
      cloud: await samples.cloudOf(sample, cell.options.testViews),
    });
    scored.push(scoredSample(sample, views, prediction, reload));
  }
  return scored;
}

/** Ground truth at the grid, background counted as normal (section 7.3). */
function scoredSample(
  { id, label }: Sample,
  { views }: PointadSample,
  { cloud, image, imageScore, pointScores }: PointadPrediction,
  reload: () => Promise<{ readonly views: MultiViewSample; readonly cloud: PreparedCloud }>,
): ScoredBoth {
  const { grid, targets } = views;
  if (!targets) throw new AnomclipError(`${id} has no ground truth for its points`);
  const shape = grid ?? ([1, targets.length] as const);
  const onShape = (scores: Float32Array): AnomalyMap => ndarray(scores, [...shape]);
  const mask: Mask = ndarray(targets, [...shape]);
  const part = (score: number, scores: Float32Array): ScoredSample => ({
    id,
    label,
    imageScore: score,
    map: onShape(scores),
    mask,
    picture: async () => {
      const { views, cloud } = await reload();
      return pictureOf(views, cloud, scores);
    },
  });
  return {
    id,
    ...(grid && { grid }),
    points: part(cloud.imageScore, cloud.pointScores),
    ...(image && { both: part(imageScore, pointScores) }),
  };
}

/** Points alone, and with the image where all samples have one. */
function partsOf(scored: readonly ScoredBoth[]): { part: string; ofPart: ScoredSample[] }[] {
  const both = scored.flatMap((sample) => sample.both ?? []);
  return [
    { part: 'points', ofPart: scored.map(({ points }) => points) },
    ...(both.length === scored.length ? [{ part: 'points + RGB', ofPart: both }] : []),
  ];
}
