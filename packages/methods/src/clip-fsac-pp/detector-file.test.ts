import { ArgumentError, FormatError } from '@anomclip/core';
import type { Clip } from '@anomclip/core/clip';
import { createRng } from '@anomclip/core/random';
import { readSafetensors, type TensorToWrite, writeSafetensors } from '@anomclip/core/weights';
import { beforeAll, expect, test } from 'vitest';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { readMutations } from '../../../core/src/testing/mutations.fixture.js';
import { tinyConfig } from '../../../core/src/testing/tiny-clip.fixture.js';
import { fsacConfig } from './config.js';
import { createFsacDetector } from './detector.js';
import { loadFsac, saveFsac } from './detector-file.js';
import { initialHead } from './head.js';

// No image is encoded here.
const clip = { config: tinyConfig, vision: undefined } as unknown as Clip;
let file: Uint8Array;
beforeAll(async () => {
  await startBackend('cpu');
  const detector = createFsacDetector(clip, {
    config: fsacConfig({ dataset: 'visa', epochs: 3 }),
    className: 'candle',
    head: initialHead(6, createRng(1)),
    text: Float32Array.from({ length: 12 }, (_, i) => i),
    clip: { model: 'tiny' },
  });
  file = saveFsac(detector);
  detector.dispose();
});

test('the file holds the head, the texts and what they belong to, and nothing of CLIP', () => {
  const { tensors, metadata } = readSafetensors(file);
  expect(new Set(tensors.keys())).toEqual(new Set([...Object.keys(initialHead(6, createRng(1))), 'text']));
  expect(metadata).toMatchObject({ kind: 'clip-fsac-pp', className: 'candle', clip: '{"model":"tiny"}' });
});

test('a file that names no key goes with any', () => {
  loadFsac(file, clip, { key: 'any' }).dispose();
});

test('a CLIP with other embeddings is refused', () => {
  const wider = { ...clip, config: { ...tinyConfig, embeddingWidth: 8 } } as Clip;
  expect(() => loadFsac(file, wider)).toThrow(ArgumentError);
});

type Parts = { tensors: Record<string, TensorToWrite>; metadata: Record<string, string> };
const lone = { shape: [1], data: new Float32Array(1) };
test.each<[string, (parts: Parts) => void]>([
  ['kind', ({ metadata }) => Object.assign(metadata, { kind: 'pointad' })],
  ['version', ({ metadata }) => Object.assign(metadata, { version: '2' })],
  ['text', ({ tensors }) => delete tensors.text],
  ['text.linear.weight', ({ tensors }) => Object.assign(tensors, { 'text.linear.weight': lone })],
  ['absent', ({ tensors }) => delete tensors['image.linear.bias']],
  ['visual.proj', ({ tensors }) => Object.assign(tensors, { 'visual.proj': lone })],
  ['finite', ({ tensors }) => (tensors.text.data as Float32Array).fill(Number.NaN)],
  ['className', ({ metadata }) => delete metadata.className],
  ['config is not', ({ metadata }) => Object.assign(metadata, { config: '[1]' })],
  ['config is not', ({ metadata }) => Object.assign(metadata, { config: '{' })],
  ['config cannot be used', ({ metadata }) => Object.assign(metadata, { config: '{"tau":-1}' })],
  ['config cannot be used', ({ metadata }) => Object.assign(metadata, { config: '{"__proto__":{"tau":1}}' })],
  ['clip is not', ({ metadata }) => delete metadata.clip],
  ['clip does not name', ({ metadata }) => Object.assign(metadata, { clip: '{"model":1}' })],
])('a file with another %s is refused', (problem, change) => {
  const { tensors, metadata } = readSafetensors(file);
  const parts: Parts = {
    tensors: Object.fromEntries(
      [...tensors].map(([name, { shape, data }]) => [name, { shape, data: (data as Float32Array).slice() }]),
    ),
    metadata: { ...metadata },
  };
  change(parts);
  const changed = writeSafetensors(parts.tensors, parts.metadata);
  expect(() => loadFsac(changed, clip)).toThrow(FormatError);
  expect(() => loadFsac(changed, clip)).toThrow(problem);
});

test('damaged files are refused or hold other numbers, and nothing else happens', async () => {
  const counts = await readMutations([file], (bytes) => loadFsac(bytes, clip).dispose());
  expect(counts.refused).toBeGreaterThan(0);
});
