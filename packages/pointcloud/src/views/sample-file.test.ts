import { FormatError } from '@anomclip/core';
import { readSafetensors, type TensorToWrite, writeSafetensors } from '@anomclip/core/weights';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import { readMutations } from '../../../core/src/testing/mutations.fixture.js';
import { createMultiViewSample } from './multi-view-sample.js';
import { readMultiViewSample, writeMultiViewSample } from './sample-file.js';
import { smallCloud, smallOptions } from './small-cloud.fixture.js';

const image = ndarray(
  Uint8Array.from({ length: 30 }, (_, i) => 8 * i),
  [5, 2, 3],
);
const small = { ...smallOptions, views: { count: 2 }, render: { window: 12, size: 6, pointSize: 1 } };
const samples = [
  createMultiViewSample({ ...smallCloud(), image }, { ...small, keep: { indexMaps: true } }),
  createMultiViewSample(
    {
      positions: Float32Array.of(0, 0, 1, 0, 1, 1),
      foreground: Uint8Array.of(1, 1),
      colours: new Uint8Array(6),
    },
    { preset: 'clip3d', render: { window: 6, size: 6, pointSize: 1 } },
  ),
  createMultiViewSample(
    {
      positions: new Float32Array(0),
      foreground: new Uint8Array(0),
      image: ndarray(new Uint8Array(0), [0, 4, 3]),
    },
    small,
  ),
];
const files = samples.map(writeMultiViewSample);

/** The first file with changed tensors or metadata. */
function changed(
  tensors: Record<string, Partial<TensorToWrite> | undefined>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const file = readSafetensors(files[0]);
  const all = new Map<string, TensorToWrite>(file.tensors);
  for (const [name, change] of Object.entries(tensors)) {
    const before = all.get(name);
    all.delete(name);
    if (change) all.set(name, { shape: [], data: new Uint8Array(0), ...before, ...change });
  }
  return writeSafetensors(all, { ...file.metadata, ...metadata });
}

function tensorOf(name: string): Required<TensorToWrite> {
  const tensor = readSafetensors(files[0]).tensors.get(name);
  if (!tensor) throw new Error(`no ${name}`);
  return { ...tensor };
}

describe('the file of a multi-view sample', () => {
  test('reads back what was written, and writes back what was read, byte for byte', () => {
    files.forEach((file, i) => {
      const read = readMultiViewSample(file);
      expect(read).toEqual(samples[i]);
      expect(Buffer.compare(writeMultiViewSample(read), file)).toBe(0);
    });
  });

  test('what was read does not change with the bytes', () => {
    const bytes = files[0].slice();
    const read = readMultiViewSample(bytes);
    bytes.fill(0);
    expect(read).toEqual(samples[0]);
  });

  test('damaged files are refused with a FormatError or hold a valid sample', async () => {
    const { refused } = await readMutations(files, (bytes) => {
      const read = readMultiViewSample(bytes);
      expect(read.renderings.length).toBe(read.viewCount * read.options.render.size ** 2 * read.channels);
      expect(read.correspondences?.pixels.every((pixel) => pixel < read.options.render.size) ?? true).toBe(
        true,
      );
      readMultiViewSample(writeMultiViewSample(read));
    });
    expect(refused).toBeGreaterThan(0);
  });

  test('any beginning of a file is refused', () => {
    for (let length = 0; length < files[0].length; length += 97) {
      expect(() => readMultiViewSample(files[0].subarray(0, length))).toThrow(FormatError);
    }
  });

  const twos = (name: string) => ({ [name]: { data: new Uint8Array(tensorOf(name).data.length).fill(2) } });
  const options = JSON.stringify(samples[0].options);
  test.each<[string, Uint8Array]>([
    ['another format', changed({}, { format: 'anomclip multi-view sample 0' })],
    [
      'missing options',
      writeSafetensors(readSafetensors(files[0]).tensors, { format: 'anomclip multi-view sample 1' }),
    ],
    ['options that are no JSON', changed({}, { options: '{' })],
    ['options that are null', changed({}, { options: 'null' })],
    ['options with spaces', changed({}, { options: ` ${options}` })],
    ['options that are too long', changed({}, { options: `${options}${' '.repeat(10_000)}` })],
    ['options of a deep list', changed({}, { options: '['.repeat(9000) })],
    ['options that cannot be', changed({}, { options: options.replace('"size":6', '"size":0') })],
    ['options of another size', changed({}, { options: options.replace('"size":6', '"size":7') })],
    ['a grid of another size', changed({}, { grid: '[24,23]' })],
    ['a grid that is none', changed({}, { grid: '[24,24,1]' })],
    ['missing renderings', changed({ renderings: undefined })],
    ['missing pixels', changed({ pixels: undefined })],
    ['another tensor', changed({ more: { shape: [1], data: Uint8Array.of(1) } })],
    ['flags of 2 in the foreground', changed(twos('foreground'))],
    ['flags of 2 in the masks', changed(twos('masks'))],
    ['flags of 2 in the visibility', changed(twos('visible'))],
    ['labels of 2', changed(twos('labels'))],
    ['visible background', changed({ visible: { data: new Uint8Array(1152).fill(1) } })],
    ['pixels outside the images', changed({ pixels: { data: new Uint16Array(2304).fill(6) } })],
    ['cells that do not exist', changed({ index_maps: { data: new Int32Array(288).fill(576) } })],
    ['cells below −1', changed({ index_maps: { data: new Int32Array(288).fill(-2) } })],
    ['a camera at infinity', changed({ 'camera.extrinsic': { data: new Float64Array(32).fill(Infinity) } })],
    ['a camera without focal length', changed({ 'camera.lens': { data: new Float64Array(10) } })],
    ['a camera of another window', changed({ 'camera.window': { data: new Int32Array(4).fill(13) } })],
    ['poses of more views', changed({ 'pose.rotation': { shape: [3, 3, 3], data: new Float64Array(27) } })],
    ['no views', changed({ 'pose.rotation': { shape: [0, 3, 3], data: new Float64Array(0) } })],
    ['another type', changed({ visible: { dtype: 'BOOL', data: new Uint8Array(1152) } })],
    ['another rank', changed({ masks: { shape: [2, 36], data: new Uint8Array(72) } })],
  ])('refuses %s', (_, bytes) => {
    expect(() => readMultiViewSample(bytes)).toThrow(FormatError);
  });
});
