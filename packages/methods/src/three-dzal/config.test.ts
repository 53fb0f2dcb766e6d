import { ArgumentError } from '@anomclip/core';
import { describe, expect, test } from 'vitest';
import { type PartialThreeDzalConfig, threeDzalConfig, threeDzalPresets } from './config.js';

test.each(Object.keys(threeDzalPresets) as (keyof typeof threeDzalPresets)[])(
  'the preset %s works',
  (name) => {
    expect(threeDzalConfig({}, name)).toEqual(threeDzalPresets[name]);
  },
);

test('groups may be given in part', () => {
  const config = threeDzalConfig({ perturb: { eta: 0 }, epochs: 2 }, 'fast');
  expect(config.perturb).toEqual({ eta: 0, norm: 'raw' });
  expect(config).toMatchObject({ epochs: 2, positivesPerStep: 8, pointnet: { variant: 'tiny' } });
});

describe('a configuration is refused with', () => {
  test.each<[string, unknown]>([
    ['an unknown name', { patchSize: 8 }],
    ['an unknown name in a group', { perturb: { epsilon: 1 } }],
    ['patches that do not divide the grid', { patches: 27 }],
    ['an unknown choice', { patchSampling: 'ball' }],
    ['too few points for the centres', { patchPoints: 16 }],
    ['the standard groups for 64 points', { pointnet: { groups: 'modelnet' } }],
    ['a temperature of 0', { contrastive: { temperature: 0 } }],
    ['a negative eta', { perturb: { eta: -0.1 } }],
    ['neither kind of pseudo patches', { pseudo: { adding: 0, removing: 0 } }],
    ['a share above 1', { donors: { share: 2 } }],
    ['everything removed', { pseudo: { removeRatio: [0.5, 1] } }],
    ['a ratio that is none', { pseudo: { removeRatio: 0.5 } }],
    ['a scale of 0', { learned: { scale: 0 } }],
    ['a vector longer than any', { learned: { dimension: 1e9 } }],
    ['a flag that is none', { classifier: { enabled: 1 } }],
    ['a group that is none', { optimizer: 3 }],
    ['a dropout of all', { classifier: { dropout: 1 } }],
    ['a value of BTF that cannot work', { coresetRatio: 2 }],
  ])('%s', (_, given) => {
    expect(() => threeDzalConfig(given as PartialThreeDzalConfig)).toThrow(ArgumentError);
  });
});
