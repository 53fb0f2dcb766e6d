import { ArgumentError } from '@anomclip/core';
import type { ClipConfig } from '@anomclip/core/clip';
import type { Dataset } from '@anomclip/datasets';
import { lossTerms } from '@anomclip/methods/pointad';
import type { Cell } from '../driver/cell.js';
import { datasetName } from '../driver/open-data.js';
import { type SourceOptions, sourceOptions } from '../driver/source-options.js';
import type { PointadOptions } from './options.js';

/** How clouds become views. */
export type ViewSettings = {
  readonly preset: PointadOptions['preset'];
  readonly views: number;
  /** Side of renderings and grid. */
  readonly size: number;
  /** Side of the window that is drawn and then resized. */
  readonly window: number;
  readonly blur: number;
  readonly density: number;
  readonly angleShiftDegrees: number;
  /** null: the recommended one. */
  readonly diffuse: number | null;
  readonly occlusion: boolean;
};

/** All that a detector depends on. */
type TrainingSettings = {
  /** Absent for untrained methods. */
  readonly auxiliary?: string;
  readonly auxiliaryData?: string;
  readonly epochs: number;
  readonly promptLength: number;
  readonly losses: PointadOptions['losses'] & readonly string[];
  readonly trainSamples: number | null;
  readonly trainViews: ViewSettings;
};

export type PointadSettings = SourceOptions &
  TrainingSettings & {
    readonly protocol: 'one-vs-rest' | 'cross-dataset';
    readonly testSamples: number | null;
    readonly testViews: ViewSettings;
  };

export type PointadCell = Cell<PointadSettings>;

/**
 * One cell per method, auxiliary class and seed. Methods that learn nothing have one cell, on all classes that the others
 * are scored on, so that means are over the same classes.
 */
export function planCells(
  options: PointadOptions,
  target: Dataset,
  source: Dataset,
  { vision }: ClipConfig,
): PointadCell[] {
  const { small, seeds = [111], epochs = small ? 6 : 15, promptLength = 12, losses = lossTerms } = options;
  const { trainSamples = small ? 10 : null, testSamples = small ? 8 : null } = options;
  const isCross = options.auxiliaryData !== undefined;
  const auxiliaries = auxiliaryClasses(options, source);
  const scoredClasses = (auxiliary: string) =>
    target.classes.filter((className) => isCross || className !== auxiliary);
  const shared = {
    ...sourceOptions(options),
    protocol: isCross ? ('cross-dataset' as const) : ('one-vs-rest' as const),
    ...(options.auxiliaryData !== undefined && { auxiliaryData: options.auxiliaryData }),
    promptLength,
    losses,
    trainSamples,
    testSamples,
    ...viewSettings(options, vision.imageSize),
  };
  const dataset = datasetName(options, target);
  return options.methods.flatMap((method): PointadCell[] =>
    seeds.flatMap((seed): PointadCell[] => {
      if (method === 'CLIP+Rendering' || method === 'untrained prompts') {
        if (method === 'CLIP+Rendering' && seed !== seeds[0]) return []; // nothing in it is random
        const classes = target.classes.filter((name) =>
          auxiliaries.some((auxiliary) => scoredClasses(auxiliary).includes(name)),
        );
        const own = method === 'CLIP+Rendering' ? 0 : seed; // so that other seeds find the same cell
        return [{ method, dataset, classes, seed: own, options: { ...shared, epochs: 0 } }];
      }
      return auxiliaries.map((auxiliary) => ({
        method,
        dataset,
        classes: scoredClasses(auxiliary),
        seed,
        options: { ...shared, auxiliary, epochs },
      }));
    }),
  );
}

/** Those of the paper where the dataset is one of its three, else up to three that have both kinds of samples. */
function auxiliaryClasses({ auxiliary, small }: PointadOptions, source: Dataset): readonly string[] {
  if (auxiliary) {
    const unknown = auxiliary.find((name) => !source.classes.includes(name));
    if (unknown !== undefined) {
      throw new ArgumentError('--auxiliary', `some of ${source.classes.join(', ')}`, unknown);
    }
    return auxiliary;
  }
  const ofPaper = Object.hasOwn(paperClasses, source.name) ? paperClasses[source.name] : [];
  const present = ofPaper.filter((name) => source.classes.includes(name));
  if (present.length > 0) return present;
  return source.classes.slice(0, small ? 1 : 3);
}

const paperClasses: Readonly<Record<string, readonly string[]>> = {
  mvtec3d: ['carrot', 'cookie', 'dowel'],
  eyecandies: ['Confetto', 'LicoriceSandwich', 'PeppermintCandy'],
  real3d: ['seahorse', 'shell', 'starfish'],
};

/** Models of small images get small renderings, which cost less and show as much after resizing. */
function viewSettings(options: PointadOptions, imageSize: number) {
  const { small, preset, views = small ? 3 : 9, size = imageSize < 224 ? 96 : imageSize } = options;
  const trainViews: ViewSettings = {
    preset,
    views,
    size,
    window: size < 224 ? 3 * size : 1024,
    blur: options.blur,
    density: options.density,
    angleShiftDegrees: 0,
    diffuse: null,
    occlusion: false,
  };
  const testViews: ViewSettings = {
    ...trainViews,
    blur: options.testBlur ?? options.blur,
    density: options.testDensity ?? options.density,
    angleShiftDegrees: options.testAngleShift,
    diffuse: options.testDiffuse ?? null,
    occlusion: options.testOcclusion,
  };
  return { trainViews, testViews };
}
