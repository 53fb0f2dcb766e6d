import { ArgumentError } from '@anomclip/core';
import { fillPrompts } from '@anomclip/core/clip';
import { expect, test } from 'vitest';
import { type FsacPreset, fsacBatchSize, fsacConfig } from './config.js';
import { fsacPrompts } from './prompts.js';

test('each data set has its own ratios, weights and synthesis (clip-fsac-pp.md 1)', () => {
  const [mvtec, visa, own] = (['mvtec-ad', 'visa', 'own'] as const).map((dataset) => fsacConfig({ dataset }));
  expect(mvtec).toMatchObject({ alpha: [0.4, 0.6], beta: [0.4, 0.6], gamma1: 0.01, gamma2: 0.7, tau: 0.07 });
  expect(visa).toMatchObject({ alpha: [0.1, 0.9], beta: [0.1, 0.9], gamma1: 0.7, gamma2: 0.7, tau: 0.07 });
  expect([mvtec, visa].map(({ synthesis }) => synthesis.method)).toEqual(['random-perturbation', 'nsa']);
  expect(own).toEqual({
    ...mvtec,
    dataset: 'own',
    synthesis: { ...mvtec.synthesis, foreground: 'anywhere' },
  });
  expect(fsacConfig()).toEqual(own);
});

test("'reference-code' changes the training step and never how test data are used (clip-fsac-pp.md 14)", () => {
  const paper = fsacConfig({ dataset: 'mvtec-ad' });
  const released = fsacConfig({ dataset: 'mvtec-ad' }, 'reference-code');
  expect(released).toEqual({
    ...paper,
    gamma1: 0,
    adText: 'original',
    contrastiveText: 'enhanced',
    contrastiveTemperature: 0.99,
    contrastiveScale: 0.25,
    synthesis: { ...paper.synthesis, noise: 'uniform', square: false },
    optimizer: { ...paper.optimizer, lrImage: 5e-5, lrText: 1e-5 },
  });
  expect(fsacConfig({ dataset: 'visa' }, 'reference-code').gamma1).toBe(0.7);
  expect(released.selection).toBe('last');
});

test('batches have the sizes of the table (clip-fsac-pp.md 1)', () => {
  const sizes = (dataset: 'mvtec-ad' | 'visa') => [1, 2, 4, 8].map((shots) => fsacBatchSize(dataset, shots));
  expect(sizes('visa')).toEqual([1, 1, 2, 2]);
  expect(sizes('mvtec-ad')).toEqual([1, 2, 2, 2]);
});

test('what is given wins, a group may be given in part, undefined means the default', () => {
  const config = fsacConfig({
    epochs: 3,
    tau: undefined,
    optimizer: { lrText: 1 },
    synthesis: { synthPool: 4 },
  });
  expect(config).toEqual({
    ...fsacConfig(),
    epochs: 3,
    optimizer: { ...fsacConfig().optimizer, lrText: 1 },
    synthesis: { ...fsacConfig().synthesis, synthPool: 4 },
  });
  expect(fsacConfig(config)).toEqual(config);
});

test('the ensemble has 147 normal and 84 anomalous prompts, the others fewer (clip-fsac-pp.md 3)', () => {
  const counts = (name: Parameters<typeof fsacPrompts>[0]) => {
    const { templates, states } = fsacPrompts(name);
    return [states.normal, states.anomalous].map((each) => fillPrompts('x', templates, each).length);
  };
  expect(counts('reference21')).toEqual([147, 84]);
  expect(counts('paired22')).toEqual([154, 88]);
  expect(counts('clip-ac')).toEqual([1, 1]);
  expect(counts('simple')).toEqual([1, 1]);
  expect(counts('mpdd')).toEqual([14, 10]);
  expect(fsacPrompts('mpdd').templates).toEqual(['a close-up photo of a {}.', 'a close-up photo of the {}.']);
});

test.each<[string, unknown]>([
  ['colour', { colour: 1 }],
  ['synthesis', { synthesis: { kind: 1 } }],
  ['a dataset', { dataset: 'mnist' }],
  ['prompts', { prompts: 'all' }],
  ['prompts', { prompts: { templates: [], states: { normal: ['{}'], anomalous: ['{}'] } } }],
  ['prompts', { prompts: null }],
  ['alpha', { alpha: [1] }],
  ['alpha', { alpha: [1, Number.NaN] }],
  ['betas', { optimizer: { betas: [1, 0] } }],
  ['lrImage', { optimizer: { lrImage: 0 } }],
  ['tau', { tau: 0 }],
  ['tau', { tau: '1' }],
  ['epochs', { epochs: 0.5 }],
  ['batchSize', { batchSize: 0 }],
  ['synthPool', { synthesis: { synthPool: 0 } }],
  ['synthesis.nsa', { synthesis: { nsa: null } }],
  ['useTF', { useTF: 1 }],
  ['useContrastive or useCrossEntropy', { useContrastive: false, useCrossEntropy: false }],
  ['selection', { selection: 'best' }],
])('a bad %s is refused: %o', (name, given) => {
  expect(() => fsacConfig(given as object)).toThrow(ArgumentError);
  expect(() => fsacConfig(given as object)).toThrow(name);
});

test('an unknown preset is refused', () => {
  expect(() => fsacConfig({}, 'best' as FsacPreset)).toThrow(/'paper' or 'reference-code'/);
});
