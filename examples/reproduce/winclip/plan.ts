import type { Cell } from '../driver/cell.js';
import { type SourceOptions, sourceOptions } from '../driver/source-options.js';
import type { ImageClasses } from './image-classes.js';
import type { WinclipOptions } from './options.js';

export type WinclipCell = Cell<
  SourceOptions & { readonly testSamples: number | null; readonly withReplacement?: true }
>;

/** One cell per method, and per number of shots and seed: what learns nothing is the same for every seed. */
export function planCells(options: WinclipOptions, { name, classes }: ImageClasses): WinclipCell[] {
  const { small, shots, methods, seeds = [10], testSamples = small ? 12 : null } = options;
  const own = {
    dataset: name,
    classes,
    options: {
      ...sourceOptions(options),
      data: options.data ?? name,
      testSamples,
      ...(options.withReplacement && { withReplacement: true as const }),
    },
  };
  return methods.flatMap((method): WinclipCell[] => [
    { method, seed: 0, ...own },
    ...(method === 'WinCLIP' ? shots : []).flatMap((k) => seeds.map((seed) => ({ method, k, seed, ...own }))),
  ]);
}
