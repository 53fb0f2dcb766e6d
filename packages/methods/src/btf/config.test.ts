import { ArgumentError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { btfCloudConfig, btfCloudPresets } from './cloud-config.js';
import { type BtfConfig, btfConfig, btfPresets } from './config.js';

test('the defaults are the published values', () => {
  expect(btfConfig()).toEqual({
    modality: 'fpfh',
    size: 224,
    patches: 28,
    preprocess: 'btf',
    background: {},
    normals: { radius: 0.1, maxNeighbours: 30 },
    fpfh: { radius: 0.25, maxNeighbours: 100 },
    normalOrientation: 'none',
    coresetRatio: 0.1,
    coresetEps: 0.9,
    coresetStart: 0,
    projection: 'sparse',
    reweightNeighbours: 3,
    blur: 'pillow8',
    mapSize: 'input',
    seed: 0,
  });
});

test('every preset is a configuration that works', () => {
  for (const preset of Object.values(btfPresets)) expect(btfConfig(preset)).toEqual(preset);
  for (const preset of Object.values(btfCloudPresets)) expect(btfCloudConfig(preset)).toEqual(preset);
});

test('an explicit undefined means the default', () => {
  expect(btfConfig({ size: undefined }).size).toBe(224);
});

test.each<[string, object]>([
  ['an unknown name', { coresetRation: 0.1 }],
  ['a modality that is not built', { modality: 'rgb+fpfh' }],
  ['a size below the pooling window', { size: 2 }],
  ['no patches', { patches: 0 }],
  ['a broken number of patches', { patches: 27.5 }],
  ['an unknown cleaning', { preprocess: 'BTF' }],
  ['a background that is no object', { background: null }],
  ['a radius of 0', { normals: { radius: 0, maxNeighbours: 30 } }],
  ['an endless radius', { fpfh: { radius: Infinity, maxNeighbours: 30 } }],
  ['no neighbours', { fpfh: { radius: 1, maxNeighbours: 0 } }],
  ['half a neighbourhood', { fpfh: { radius: 1 } }],
  ['an unknown orientation', { normalOrientation: 'given' }],
  ['an unknown blur', { blur: 'gaussian' }],
  ['an unknown map size', { mapSize: 'both' }],
  ['a ratio above 1', { coresetRatio: 1.1 }],
  ['an eps of 1', { coresetEps: 1 }],
  ['an unknown projection', { projection: 'dense' }],
  ['a negative start', { coresetStart: -1 }],
  ['no reweighting neighbours', { reweightNeighbours: 0 }],
  ['a seed that is no number', { seed: Number.NaN }],
])('refuses %s', (_, given) => {
  expect(() => btfConfig(given as Partial<BtfConfig>)).toThrow(ArgumentError);
});

test.each<[string, object]>([
  ['an unknown name', { size: 224 }],
  ['a voxel of 0', { voxel: 0 }],
  ['a step of 0', { bankEvery: 0 }],
  ['a broken step', { scoreEvery: 1.5 }],
  ['no smoothing neighbours', { smoothNeighbours: 0 }],
])('refuses %s for clouds', (_, given) => {
  expect(() => btfCloudConfig(given)).toThrow(ArgumentError);
});
