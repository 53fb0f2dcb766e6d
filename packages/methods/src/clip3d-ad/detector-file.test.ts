import { ArgumentError, FormatError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import { readSafetensors, type TensorToWrite, writeSafetensors } from '@anomclip/core/weights';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { readMutations } from '../../../core/src/testing/mutations.fixture.js';
import { clip3dRequirements, loadClip3d, saveClip3d } from './detector-file.js';
import { type FittedClip3d, fitClip3d } from './fit.js';
import { domeScan, tinyClip, tinyOptions } from './small-scans.fixture.js';

let clip: Clip;
let detector: FittedClip3d;
let file: Uint8Array;
const scan = domeScan('test');
beforeAll(async () => {
  await startBackend('wasm');
  clip = await tinyClip();
  detector = await fitClip3d(clip, [domeScan('a')], { ...tinyOptions, epochs: 2 }, { weights: 'abc' });
  file = await saveClip3d(detector, clip.config);
});
afterAll(async () => {
  detector.dispose();
  await clip.dispose();
});

/** The file with its tensors or metadata changed. */
function changed(change: (tensors: Record<string, TensorToWrite>, metadata: Record<string, string>) => void) {
  const { tensors, metadata } = readSafetensors(file);
  const parts: Record<string, TensorToWrite> = {};
  for (const [name, { shape, data }] of tensors)
    parts[name] = { shape: [...shape], data: data as Float32Array };
  const copy = { ...metadata };
  change(parts, copy);
  return writeSafetensors(parts, copy);
}

test('a saved detector gives the same numbers after loading, and is saved as the same bytes', async () => {
  const before = tf.memory().numTensors;
  const loaded = loadClip3d(file, clip, { weights: 'abc' });
  const [ours, theirs] = [await detector.predict(scan), await loaded.predict(scan)];
  expect(theirs.imageScore).toBe(ours.imageScore);
  expect(theirs.anomalyMap.data).toEqual(ours.anomalyMap.data);
  expect(loaded.config).toEqual(detector.config);
  expect(await saveClip3d(loaded, clip.config)).toEqual(file);
  loaded.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('the file says which CLIP it needs, and holds none of its weights', () => {
  const { vision, embeddingWidth } = clip.config;
  expect(clip3dRequirements(file)).toEqual({ vision, embeddingWidth, weights: 'abc' });
  const parts = [...readSafetensors(file).tensors.keys()].map((name) => name.split('.')[0]);
  expect(new Set(parts)).toEqual(new Set(['image', 'decoder', 'global_fusion', 'local_fusion', 'text']));
});

test('another CLIP is refused', () => {
  expect(() => loadClip3d(file, clip, { weights: 'other' })).toThrow(/the weights it was fitted with, abc/);
  const { vision, config } = clip;
  const wider = { vision, config: { ...config, vision: { ...config.vision, layers: 4 } } };
  expect(() => loadClip3d(file, wider)).toThrow(ArgumentError);
  expect(() => loadClip3d(file, wider)).toThrow(/with layers of 3/);
});

test.each<[string, Parameters<typeof changed>[0], RegExp]>([
  ['another kind', (_, metadata) => Object.assign(metadata, { kind: 'pointad' }), /kind "pointad"/],
  ['a later version', (_, metadata) => Object.assign(metadata, { version: '2' }), /version "2"/],
  [
    'no configuration',
    (_, metadata) => Object.assign(metadata, { config: '' }),
    /config is not a JSON object/,
  ],
  ['a list as configuration', (_, metadata) => Object.assign(metadata, { config: '[]' }), /config is not/],
  ['no CLIP', (_, metadata) => Object.assign(metadata, { clip: '{}' }), /which CLIP it needs/],
  [
    'a decoder without end',
    (_, metadata) => Object.assign(metadata, { config: '{"c2fDepth":1e9}' }),
    /config cannot be used/,
  ],
  [
    'views of the wrong kind',
    (_, metadata) => Object.assign(metadata, { config: '{"views":3}' }),
    /cannot be used/,
  ],
  [
    'null for a list',
    (_, metadata) => Object.assign(metadata, { config: '{"layers":null}' }),
    /cannot be used/,
  ],
  [
    'another network than its weights',
    (_, metadata) => Object.assign(metadata, { config: '{"headWidth":2,"c2f":"wide","c2fDepth":32}' }),
    /FORMAT|wanted|has not/,
  ],
  ['a missing weight', (tensors) => delete tensors['decoder.ln.weight'], /decoder.ln.weight is \[missing\]/],
  [
    'a weight of another shape',
    (tensors) => Object.assign(tensors, { 'text.class': { shape: [12], data: new Float32Array(12) } }),
    /text.class is \[12\], wanted \[2,6\]/,
  ],
  [
    'a weight too many',
    (tensors) => Object.assign(tensors, { extra: { shape: [1], data: new Float32Array(1) } }),
    /holds extra/,
  ],
  [
    'NaN',
    (tensors) =>
      Object.assign(tensors, { 'image.linear.bias': { shape: [6], data: new Float32Array(6).fill(NaN) } }),
    /finite float32/,
  ],
])('a file with %s is refused', (_, change, message) => {
  const bytes = changed(change);
  expect(() => loadClip3d(bytes, clip)).toThrow(FormatError);
  expect(() => loadClip3d(bytes, clip)).toThrow(message);
});

test('a damaged file gives a detector or a typed error', async () => {
  const before = tf.memory().numTensors;
  const counts = await readMutations([file], (bytes) => {
    try {
      loadClip3d(bytes, clip).dispose();
    } catch (error) {
      // The sizes of the CLIP it needs may be what was damaged.
      if (!(error instanceof ArgumentError)) throw error;
    }
  });
  expect(counts.refused).toBeGreaterThan(counts.valid / 2);
  expect(tf.memory().numTensors).toBe(before);
});
