import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AnomclipError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import { writeAtomically } from '@anomclip/core/node';
import { createRng } from '@anomclip/core/random';
import type { Sample } from '@anomclip/datasets';
import { clipRendering } from '@anomclip/methods/clip-rendering';
import {
  createPromptDetector,
  fitPointad,
  initialPrompts,
  loadPointadPrompts,
  type PartialPointadConfig,
  type PointadConfig,
  type PointadDetector,
  type PromptDetector,
  pointadConfig,
  savePointadPrompts,
} from '@anomclip/methods/pointad';
import { cellKey } from '../driver/cell.js';
import type { CellContext } from '../driver/run-cells.js';
import { trainingEngine } from '../driver/training-engine.js';
import type { PointadCell } from './plan.js';
import type { ViewSamples } from './view-samples.js';

/** How the losses of a training went; empty where nothing was trained. */
type TrainingSummary = { readonly [name: string]: number };

/** A detector for each class, and where it is saved. */
export interface FittedMethod {
  /** The caller disposes it. */
  forClass(className: string): Promise<PointadDetector>;
  readonly losses: TrainingSummary;
  /** Absent for methods that learn nothing. */
  readonly file?: string;
  dispose(): void;
}

export interface FitMethodOptions extends CellContext {
  readonly clip: Clip;
  readonly samples: ViewSamples;
  readonly train: readonly Sample[];
  /** Where detectors are kept; a detector that is there is not trained again. */
  readonly folder: string;
}

/** The method of a cell, trained or loaded. */
export async function fitMethod(cell: PointadCell, options: FitMethodOptions): Promise<FittedMethod> {
  const { clip } = options;
  if (cell.method === 'CLIP+Rendering') {
    return {
      forClass: (className) => {
        const { temperature, viewNormalization, smoothing, pointSmoothing, fusion } = configOf(cell);
        const scoring = { temperature, viewNormalization, smoothing, pointSmoothing, fusion };
        return clipRendering(clip, className, scoring);
      },
      losses: {},
      dispose: () => {},
    };
  }
  if (cell.method === 'untrained prompts') {
    const detector = await untrainedPrompts(clip, cell);
    return { forClass: (name) => detector.forClass(name), losses: {}, dispose: () => detector.dispose() };
  }
  const file = detectorFile(options.folder, cell);
  const saved = await readIfThere(file);
  const losses = await readIfThere(`${file}.losses.json`);
  if (saved && losses)
    return fromDetector(await loadPointadPrompts(saved, clip), JSON.parse(losses.toString()), file);
  return train(cell, file, options);
}

/** What was saved, for another process. */
export async function loadMethod(file: string, clip: Clip): Promise<FittedMethod> {
  return fromDetector(await loadPointadPrompts(await readFile(file), clip), {}, file);
}

/** Only what a training depends on, so that studies of the test alone share their detectors. */
function detectorFile(folder: string, cell: PointadCell): string {
  const { testViews, testSamples, protocol, ...training } = cell.options;
  const key = cellKey({ ...cell, classes: [], dataset: '', options: training });
  return join(folder, `${key}.safetensors`);
}

async function train(
  cell: PointadCell,
  file: string,
  { clip, samples, train: trainSamples, signal, step }: FitMethodOptions,
): Promise<FittedMethod> {
  const { trainViews, auxiliary } = cell.options;
  const loaded = [];
  for (const [i, sample] of trainSamples.entries()) {
    signal.throwIfAborted();
    step(`rendering training sample ${i + 1} of ${trainSamples.length}`);
    loaded.push(await samples.load(sample, trainViews));
  }
  const checkpoint = `${file}.checkpoint`;
  const resume = await readIfThere(checkpoint);
  const fitted = await fitPointad(clip, loaded, partialConfig(cell), {
    preset: trainViews.preset,
    ...(auxiliary !== undefined && { className: auxiliary }),
    signal,
    checkpoints: { everyEpochs: 1, write: (bytes) => writeAtomically(checkpoint, bytes) },
    ...(resume && { resume }),
    ...(await trainingEngine(cell.options)),
    onProgress: (event) =>
      step(
        'losses' in event
          ? `step ${event.done} of ${event.total}, loss ${event.losses.total.toFixed(4)}`
          : `encoding sample ${event.done} of ${event.total}`,
      ),
  });
  const losses = epochLosses(fitted.history, cell.options.epochs);
  await writeAtomically(file, savePointadPrompts(fitted));
  await writeAtomically(`${file}.losses.json`, JSON.stringify(losses));
  await rm(checkpoint, { force: true });
  return fromDetector(fitted, losses, file);
}

/** What training starts from: the same random vectors, never changed. */
function untrainedPrompts(clip: Clip, cell: PointadCell): Promise<PromptDetector> {
  const config = configOf(cell);
  const depth = Math.min(config.deepPrompt.depth, clip.config.text.layers);
  const fitting = { ...config, deepPrompt: { ...config.deepPrompt, depth } };
  const rng = createRng(cell.seed).fork('prompts');
  return createPromptDetector(clip, initialPrompts(clip.config.text.width, fitting, rng), fitting);
}

/** All that a cell's method learns and scores with. */
function configOf(cell: PointadCell): PointadConfig {
  return pointadConfig(partialConfig(cell), cell.options.trainViews.preset);
}

/** Smoothing is 4 cells of 336 and the same share of other grids. */
function partialConfig({ method, seed, options }: PointadCell): PartialPointadConfig {
  const { epochs, promptLength, losses, trainViews } = options;
  return {
    prompt: { mode: method === 'PointAD-CoOp' ? 'classAware' : 'agnostic', length: promptLength },
    loss: { enable: [...losses] },
    smoothing: { sigma: (4 * trainViews.size) / 336 },
    ...(epochs > 0 && { epochs }), // 0 says in the results that nothing was trained
    seed,
  };
}

function fromDetector(detector: PromptDetector, losses: TrainingSummary, file: string): FittedMethod {
  return { forClass: (name) => detector.forClass(name), losses, file, dispose: () => detector.dispose() };
}

/** Means over the steps of the first and the last epoch. */
function epochLosses(history: ReadonlyMap<string, readonly number[]>, epochs: number): TrainingSummary {
  const names = [...history.keys()];
  return Object.fromEntries(
    names.flatMap((name) => {
      const values = history.get(name) ?? [];
      const perEpoch = values.length / epochs;
      const mean = (part: readonly number[]) =>
        Number((part.reduce((sum, value) => sum + value, 0) / part.length).toFixed(5));
      return [
        [`${name}, first epoch`, mean(values.slice(0, perEpoch))],
        [`${name}, last epoch`, mean(values.slice(-perEpoch))],
      ];
    }),
  );
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new AnomclipError(`${path} cannot be read`, { cause: error });
  }
}
