import { FormatError } from '@anomclip/core';
import type { SafetensorsTensor, TensorToWrite } from '@anomclip/core/weights';
import type { Described } from './captions.js';
import { defectKinds } from './drawing/defects.js';
import type { Pair } from './drawing/draw-pair.js';
import { colourNames, materialNames } from './drawing/materials.js';

/** Many pairs, in the order of their index. */
export interface PairStore {
  readonly count: number;
  readonly side: number;
  /** [side, side, 3] of one pair; views. */
  normal(index: number): Uint8Array;
  anomalous(index: number): Uint8Array;
  /** [side, side], 1 where damaged. */
  mask(index: number): Uint8Array;
  describe(index: number): Described;
  /** Visible damaged share of the object. */
  area(index: number): number;
}

/** Tensors of some pairs, one row each: the content of a shard. */
export type PairTensors = ReadonlyMap<string, Pick<SafetensorsTensor, 'data'>>;

const materialWords = ['smooth', 'rough', ...materialNames];

/** @param categories - What the numbers in the tensors mean. */
export function packPairs(
  pairs: readonly Pair[],
  side: number,
  categories: readonly string[],
): Map<string, TensorToWrite> {
  const count = pairs.length;
  const bytes = (shape: number[], of: (pair: Pair) => ArrayLike<number>): TensorToWrite => {
    const size = shape.reduce((product, length) => product * length, 1);
    const data = new Uint8Array(count * size);
    for (const [i, pair] of pairs.entries()) data.set(of(pair), i * size);
    return { shape: [count, ...shape], data };
  };
  return new Map([
    ['normal', bytes([side, side, 3], ({ normal }) => normal)],
    ['anomalous', bytes([side, side, 3], ({ anomalous }) => anomalous)],
    ['mask', bytes([side, side], ({ mask }) => mask)],
    [
      'words',
      bytes([5], ({ category, isRendering, colour, material, defect }) => [
        categories.indexOf(category),
        isRendering ? 1 : 0,
        colour ? colourNames.indexOf(colour) : 255,
        materialWords.indexOf(material),
        defectKinds.indexOf(defect),
      ]),
    ],
    ['area', { shape: [count], data: Float32Array.from(pairs, ({ area }) => area) }],
  ]);
}

/**
 * @param shards - What {@link packPairs} gave, equally many pairs in each but the last.
 * @throws {@link FormatError} for other tensors.
 */
export function storeOf(
  shards: readonly PairTensors[],
  side: number,
  categories: readonly string[],
): PairStore {
  const perShard = shards[0].get('area')?.data.length ?? 0;
  const bytes = new Map(
    ['normal', 'anomalous', 'mask', 'words'].map((name) => [
      name,
      shards.map((shard) => dataOf(shard, name, Uint8Array)),
    ]),
  );
  const areas = shards.map((shard) => dataOf(shard, 'area', Float32Array));
  const row = (name: string, index: number, size: number) => {
    const data = bytes.get(name)?.[Math.floor(index / perShard)] ?? new Uint8Array();
    const start = (index % perShard) * size;
    return data.subarray(start, start + size);
  };
  return {
    count: areas.reduce((sum, { length }) => sum + length, 0),
    side,
    normal: (index) => row('normal', index, side * side * 3),
    anomalous: (index) => row('anomalous', index, side * side * 3),
    mask: (index) => row('mask', index, side * side),
    describe(index) {
      const [category, isRendering, colour, material, defect] = row('words', index, 5);
      return {
        category: categories[category],
        isRendering: isRendering === 1,
        colour: colour === 255 ? undefined : colourNames[colour],
        material: materialWords[material],
        defect: defectKinds[defect],
      };
    },
    area: (index) => areas[Math.floor(index / perShard)][index % perShard],
  };
}

function dataOf<T>(shard: PairTensors, name: string, type: new (length: number) => T): T {
  const data = shard.get(name)?.data;
  if (data instanceof type) return data;
  throw new FormatError('shard of pairs', `it has no ${name}`, 'delete it, to have it drawn anew');
}
