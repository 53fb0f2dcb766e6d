import { ArgumentError } from '@anomclip/core';
import ndarray from 'ndarray';
import { expect, test } from 'vitest';
import { sampleKey } from './sample-key.js';
import { smallCloud } from './small-cloud.fixture.js';

test('the same cloud and options have the same key, however they are said', async () => {
  const key = await sampleKey(smallCloud(), { dataset: 'mvtec3d' });
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(
    await sampleKey(smallCloud(), { render: { size: 336 }, dataset: 'mvtec3d', preset: 'recommended' }),
  ).toBe(key);
});

test('every part of the cloud and every option changes the key', async () => {
  const cloud = smallCloud();
  const flipped = (values: Uint8Array) => values.map((value, i) => (i === 100 ? 1 - value : value));
  const image = ndarray(new Uint8Array(12), [2, 2, 3]);
  const { labels: _, ...unlabelled } = cloud;
  const keys = await Promise.all([
    sampleKey(cloud),
    sampleKey({
      ...cloud,
      positions: cloud.positions.map((value, i) => (i === 1000 ? value + 1e-6 : value)),
    }),
    sampleKey({ ...cloud, foreground: flipped(cloud.foreground) }),
    sampleKey({ ...cloud, labels: flipped(cloud.labels) }),
    sampleKey({ ...cloud, targets: flipped(cloud.labels) }),
    sampleKey({ ...cloud, colours: flipped(cloud.colours) }),
    sampleKey({ ...cloud, grid: [12, 48] }),
    sampleKey({ ...cloud, grid: undefined }),
    sampleKey({ ...cloud, image }),
    sampleKey({ ...cloud, image: ndarray(new Uint8Array(12), [1, 4, 3]) }),
    sampleKey(unlabelled),
    sampleKey(cloud, { views: { angleShift: 0.1 } }),
    sampleKey(cloud, { keep: { indexMaps: true } }),
  ]);
  expect(new Set(keys).size).toBe(keys.length);
});

test('a key for options that cannot be is refused', async () => {
  await expect(sampleKey(smallCloud(), { views: { count: 0 } })).rejects.toThrow(ArgumentError);
});
