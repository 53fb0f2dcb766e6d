import { blocks } from './chunks.js';
import { MetricsInputError } from './errors.js';

/** One score per element, higher = more anomalous. Compared as given: float32 is never re-rounded. */
export type Scores = Float32Array | Float64Array;

/** An anomaly map [H, W]. Every `NdArray<Float32Array>` of that shape is one, strided views too. */
export interface ScoreMap {
  readonly data: Scores;
  /** [H, W]; sizes may differ from image to image. */
  readonly shape: readonly number[];
  /** Elements from one row, and from one column, to the next. */
  readonly stride: readonly number[];
  /** Where in `data` element (0, 0) lies. */
  readonly offset: number;
}

/** A ground-truth mask [H, W]: 0 is normal, any other value anomalous (files also hold 255, 254, 253). */
export interface MaskMap {
  readonly data: Uint8Array;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
}

/** A flat list of scores, or one map per image, whose pixels are then pooled. */
export type ScoreInput = Scores | readonly ScoreMap[];

/** Labels in the form of the scores: 0 is normal, anything else anomalous. */
export type LabelInput = Uint8Array | readonly MaskMap[];

/** What a NaN score means: an error, a score below all others, or one above all others. */
export type NanPolicy = 'throw' | 'lowest' | 'highest';

export interface NanOptions {
  /** @defaultValue `'throw'` */
  nan?: NanPolicy;
}

/** A map or mask as a row-major list of its H · W elements. */
export interface Plane<Data> {
  readonly values: Data;
  readonly height: number;
  readonly width: number;
}

/** Row-major elements of a map; the map's own memory where it is contiguous. */
export function scorePlane(where: string, map: ScoreMap): Plane<Scores> {
  if (!(map?.data instanceof Float32Array) && !(map?.data instanceof Float64Array)) {
    throw new MetricsInputError(where, 'a map over a Float32Array or Float64Array', map?.data);
  }
  const { height, width } = checkedLayout(where, map);
  return { values: rowMajor(map, map.data, height, width), height, width };
}

/** Row-major elements of a mask of a given size; the mask's own memory where it is contiguous. */
export function maskPlane(where: string, mask: MaskMap, size?: Plane<unknown>): Plane<Uint8Array> {
  if (!(mask?.data instanceof Uint8Array)) {
    throw new MetricsInputError(where, 'a mask over a Uint8Array', mask?.data);
  }
  const { height, width } = checkedLayout(where, mask);
  if (size && (size.height !== height || size.width !== width)) {
    throw new MetricsInputError(
      where,
      `the shape of its map, [${size.height}, ${size.width}]`,
      [height, width],
      'resize one to the other before evaluating',
    );
  }
  return { values: rowMajor(mask, mask.data, height, width), height, width };
}

/**
 * The scores without NaN: as they are when there is none; otherwise an error, or a float64 copy in which NaN
 * became the infinity at its end of the order. A score that already is that infinity becomes the largest
 * finite number of its sign, so that NaN still lies strictly beyond it.
 *
 * @param counted - Where it is 0 the score takes no part and may be NaN.
 * @param place - Words for element `i`, for the message.
 */
export function withoutNan(
  where: string,
  scores: Scores,
  { nan = 'throw' }: NanOptions,
  place: (index: number) => string,
  counted?: Uint8Array,
): Scores {
  if (nan !== 'throw' && nan !== 'lowest' && nan !== 'highest') {
    throw new MetricsInputError(where, "nan to be 'throw', 'lowest' or 'highest'", nan);
  }
  const first = firstNan(scores, counted);
  if (first < 0) return scores;
  if (nan === 'throw') {
    throw new MetricsInputError(
      where,
      'a number for every score',
      `NaN at ${place(first)}`,
      "find out why the method gives none, or pass nan: 'lowest' or 'highest'",
    );
  }
  const end = nan === 'lowest' ? -Infinity : Infinity;
  const inside = nan === 'lowest' ? -Number.MAX_VALUE : Number.MAX_VALUE;
  return Float64Array.from(scores, (score) => (Number.isNaN(score) ? end : score === end ? inside : score));
}

/** Throws unless `value` is a number in (0, 1]. */
export function checkFprLimit(where: string, value: number): void {
  if (!(value > 0 && value <= 1)) throw new MetricsInputError(where, 'fprLimit in (0, 1]', value);
}

/** Throws unless `value` is a whole number of at least `least`. */
export function checkCount(where: string, name: string, value: number, least: number): void {
  if (!(Number.isInteger(value) && value >= least)) {
    throw new MetricsInputError(where, `${name} to be a whole number of at least ${least}`, value);
  }
}

/** Throws unless there are as many of the one as of the other. */
export function checkSameLength(where: string, what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new MetricsInputError(where, `${expected} ${what}`, actual);
}

function checkedLayout(
  where: string,
  { data, shape, stride, offset }: ScoreMap | MaskMap,
): { height: number; width: number } {
  if (shape?.length !== 2 || stride?.length !== 2) {
    throw new MetricsInputError(where, 'shape [H, W]', shape, 'pass one map per image');
  }
  const [height, width] = shape;
  if (height * width > 0) {
    const reach = [0, (height - 1) * stride[0]];
    const lowest = offset + Math.min(...reach) + Math.min(0, (width - 1) * stride[1]);
    const highest = offset + Math.max(...reach) + Math.max(0, (width - 1) * stride[1]);
    if (!(lowest >= 0 && highest < data.length)) {
      throw new MetricsInputError(where, `data that holds [${height}, ${width}]`, `${data.length} elements`);
    }
  }
  return { height, width };
}

function rowMajor<Data extends Scores | Uint8Array>(
  { stride, offset }: ScoreMap | MaskMap,
  data: Data,
  height: number,
  width: number,
): Data {
  const count = height * width;
  if (stride[1] === 1 && (stride[0] === width || height === 1)) {
    return data.subarray(offset, offset + count) as Data;
  }
  const values = data.slice(0, 0).constructor as new (length: number) => Data;
  const copy = new values(count);
  for (let row = 0, to = 0; row < height; row++) {
    let from = offset + row * stride[0];
    for (let column = 0; column < width; column++, from += stride[1]) copy[to++] = data[from];
  }
  return copy;
}

/** Index of the first NaN among the counted scores; −1 without one. */
export function firstNan(scores: Scores, counted?: Uint8Array): number {
  let start = 0;
  for (const block of blocks(scores)) {
    for (let i = nextNan(block, 0); i >= 0; i = nextNan(block, i + 1)) {
      if (counted === undefined || counted[start + i] !== 0) return start + i;
    }
    start += block.length;
  }
  return -1;
}

function nextNan(scores: Scores, from: number): number {
  if (scores instanceof Float32Array) {
    // Twice as fast on the bits: NaN is what lies beyond infinity once the sign is gone.
    const bits = new Int32Array(scores.buffer, scores.byteOffset, scores.length);
    for (let i = from; i < bits.length; i++) if ((bits[i] & 0x7fffffff) > 0x7f800000) return i;
    return -1;
  }
  for (let i = from; i < scores.length; i++) if (Number.isNaN(scores[i])) return i;
  return -1;
}
