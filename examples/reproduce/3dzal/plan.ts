import { AnomclipError } from '@anomclip/core';
import type { Dataset } from '@anomclip/datasets';
import { threeDzalConfig } from '@anomclip/methods/three-dzal';
import type { Cell, CellOptions } from '../driver/cell.js';
import { datasetName } from '../driver/open-data.js';
import { type DataSource, dataSource } from '../driver/source-options.js';
import { ablation, combined, type Method, methods } from './methods.js';
import type { ThreeDzalOptions } from './options.js';

export type ThreeDzalSettings = DataSource & {
  readonly backend: string;
  readonly training: string;
  /** Classes that are learned from, pooled. */
  readonly train: readonly string[];
  /** Classes that pseudo anomalies come from. */
  readonly donors: readonly string[];
  readonly trainSamples: number | null;
  readonly testSamples: number | null;
  readonly testsetMinmax: boolean;
  readonly colours: string | null;
  readonly attention: string | null;
  /** The whole configuration, as JSON says it. */
  readonly config: CellOptions;
};

export interface ThreeDzalCell extends Cell<ThreeDzalSettings> {
  readonly method: Method;
}

/**
 * One cell per training, seed and method: with `leave-test-out`, as in the paper, every test class has a training of its own,
 * since it must not donate; with the other sets one training serves all test classes of a training class. BTF, in which
 * nothing is learned, has one cell per training class.
 */
export function planCells(options: ThreeDzalOptions, dataset: Dataset): ThreeDzalCell[] {
  const { data, small, irrelevantSet, config: given } = options;
  const { methods: wanted = options.ablation ? ablation : (['BTF', '3DzAL'] as const) } = options;
  const { preset = data === undefined ? 'fast' : 'paper' } = options;
  const { seeds = data === undefined && !small ? [0, 1, 2, 3, 4] : [0] } = options;
  const { trainSamples = null, testSamples = small ? 8 : null, epochs = small ? 2 : undefined } = options;
  const trained = options.train ?? dataset.classes.map((name) => [name]);
  const tested = options.test ?? dataset.classes;
  check([...trained.flat(), ...tested], dataset);

  return trained.flatMap((train) => {
    const tests = tested.filter((name) => !train.includes(name));
    const cell = (method: Method, seed: number, classes: readonly string[], excluded: readonly string[]) => ({
      method,
      dataset: datasetName(options, dataset),
      classes,
      seed,
      options: {
        ...dataSource(options),
        backend: options.backend,
        training: options.native ? 'onnxruntime-node' : options.backend,
        train,
        donors:
          method === 'BTF'
            ? []
            : dataset.classes.filter((name) => !train.includes(name) && !excluded.includes(name)),
        trainSamples,
        testSamples,
        testsetMinmax: options.testsetMinmax,
        colours: options.colours ?? null,
        attention: options.attention ?? null,
        config: toJson(
          threeDzalConfig(
            combined(combined({ ...given, ...(epochs && { epochs }) }, methods[method]), {
              seed,
              mapSize: 'model',
            }),
            preset,
          ),
        ),
      },
    });
    const groups =
      irrelevantSet === 'leave-test-out' ? tests.map((name) => [name]) : tests.length > 0 ? [tests] : [];
    return wanted.flatMap((method): ThreeDzalCell[] => {
      if (method === 'BTF') return groups.length > 0 ? [cell(method, seeds[0], tests, [])] : [];
      return groups.flatMap((group) =>
        seeds.map((seed) => cell(method, seed, group, irrelevantSet === 'all-but-train' ? [] : group)),
      );
    });
  });
}

function check(names: readonly string[], { classes, root }: Dataset): void {
  const unknown = names.find((name) => !classes.includes(name));
  if (unknown === undefined) return;
  throw new AnomclipError(`${root} has no class ${unknown}; it has ${classes.join(', ')}`);
}

function toJson(value: object): CellOptions {
  return JSON.parse(JSON.stringify(value)) as CellOptions;
}
