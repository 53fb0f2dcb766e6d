import type { Dataset } from '@anomclip/datasets';
import { clip3dConfig } from '@anomclip/methods/clip3d-ad';
import type { Cell, CellOptions } from '../driver/cell.js';
import { datasetName } from '../driver/open-data.js';
import { type SourceOptions, sourceOptions } from '../driver/source-options.js';
import type { Clip3dOptions, Method } from './options.js';

export type Clip3dSettings = SourceOptions & {
  readonly testSamples: number | null;
  /** The whole configuration, as JSON says it. */
  readonly config: CellOptions;
};

export interface Clip3dCell extends Cell<Clip3dSettings> {
  readonly method: Method;
}

/**
 * One cell per class, method, seed and number of shots; CLIP-AC, in which nothing is random, has one per class. Cells of a
 * class follow each other, so that its scans are cleaned and encoded once.
 */
export function planCells(options: Clip3dOptions, dataset: Dataset): Clip3dCell[] {
  const { small, methods, config: given, shots = small ? [1] : [1, 2, 4] } = options;
  const { seeds = small ? [10] : [10, 11, 12, 13, 14] } = options;
  const { epochs = small ? 20 : 100, testSamples = small ? 8 : null } = options;
  // Small CLIPs spell the names of the offline benchmark letter by letter.
  const config = clip3dConfig({ truncate: true, epochs, ...given });
  const { viewSets = [config.views] } = options;
  const source = sourceOptions(options);
  return dataset.classes.flatMap((className) =>
    methods.flatMap((method): Clip3dCell[] => {
      const cell = (seed: number, k?: number, views = config.views): Clip3dCell => ({
        method,
        dataset: datasetName(options, dataset),
        classes: [className],
        ...(k !== undefined && { k }),
        seed,
        options: {
          ...source,
          testSamples,
          config: toJson({ ...config, views, seed, useMultiView: method === 'CLIP3D-AD' }),
        },
      });
      if (method === 'CLIP-AC') return [cell(seeds[0])];
      const sets = method === 'CLIP3D-AD' ? viewSets : [config.views];
      return sets.flatMap((views) => seeds.flatMap((seed) => shots.map((k) => cell(seed, k, views))));
    }),
  );
}

/** Rows of the tables; views are named where there are several sets of them. */
export function rowsOf({ viewSets }: Pick<Clip3dOptions, 'viewSets'>): (cell: Cell) => string {
  return ({ method, k, options }) => {
    const shots = k === undefined ? [] : [`${k}-shot`];
    const { views } = options.config as { readonly views: readonly number[] };
    const named = viewSets && method === 'CLIP3D-AD' ? [`views ${views.join(' ')}`] : [];
    return [method, ...shots, ...named].join(', ');
  };
}

function toJson(value: object): CellOptions {
  return JSON.parse(JSON.stringify(value)) as CellOptions;
}
