import { ArgumentError } from '@anomclip/core';
import { describe, expect, test } from 'vitest';
import { featureBlocks, pointadConfig, pointadPresets } from './config.js';

const model = (layers: number) => ({
  vision: { imageSize: 336, patchSize: 14, width: 1024, layers, heads: 16, mlpWidth: 4096 },
});

test('what is given goes over the preset, group by group', () => {
  const config = pointadConfig({ prompt: { length: 8 }, epochs: 2, seed: undefined }, 'released');
  expect(config).toEqual({
    ...pointadPresets.released,
    prompt: { ...pointadPresets.released.prompt, length: 8 },
    epochs: 2,
  });
});

test('presets differ where section 8 of the specification says so', () => {
  const { recommended, released, paper } = pointadPresets;
  expect(released).toEqual({
    ...recommended,
    deepPrompt: { ...recommended.deepPrompt, roundToHalf: true },
    pointSmoothing: 'indexGrid',
    loss: { ...recommended.loss, milGrouping: 'batchInterleaved' },
  });
  expect(paper).toEqual({
    ...recommended,
    prompt: { ...recommended.prompt, suffix: '' },
    viewNormalization: 'viewCount',
    fusion: { scoreTerm: 'nested' },
    loss: { ...recommended.loss, globalMil: 'meanProbability' },
    label: { source: 'mask' },
  });
});

test.each([
  [{ prompt: { mode: 'CoOp' } }, "prompt.mode to be 'agnostic' or 'classAware'"],
  [{ prompt: { size: 3 } }, 'one of mode, length, suffix, initStd'],
  [{ epoch: 3 }, 'one of prompt, deepPrompt'],
  [{ featureLayers: [] }, 'at least one feature layer'],
  [{ featureLayers: [0] }, 'featureLayers to be an integer of at least 1'],
  [{ loss: { enable: [] } }, 'at least one term'],
  [{ loss: { enable: ['l3dg'] } }, 'loss.enable to be'],
  [{ label: { source: 'name' } }, "label.source to be 'folder' or 'mask'"],
  [{ temperature: 0 }, 'temperature above 0'],
  [{ optimizer: { beta1: 1 } }, 'optimizer.beta1 in [0, 1)'],
  [{ smoothing: { sigma: -1 } }, 'smoothing.sigma of at least 0'],
  [{ batchSize: 0.5 }, 'batchSize to be an integer'],
  [{ smoothing: { sigma: 1e9 } }, 'smoothing.sigma of at most 1000'],
  [{ smoothing: { fused: 'no' } }, 'smoothing.fused to be true or false'],
  [{ prompt: { suffix: 1 } }, 'prompt.suffix to be a string'],
  [{ prompt: 3 }, 'prompt to be an object'],
  [{ featureLayers: '24' }, 'at least one feature layer'],
  [{ loss: { enable: 'viewLocal' } }, 'at least one term'],
  [{ seed: Number.NaN }, 'seed to be a finite number'],
])('%j is refused', (given, message) => {
  expect(() => pointadConfig(given as never)).toThrow(ArgumentError);
  expect(() => pointadConfig(given as never)).toThrow(message);
});

test('an unknown preset is refused', () => {
  expect(() => pointadConfig({}, 'best' as never)).toThrow('recommended, released, paper');
});

describe('the blocks of a model', () => {
  test.each([
    [24, 6],
    [12, 4],
    [4, 2],
    [1, 1],
  ])('of %i blocks, values attend from block %i on', (layers, valueAttentionFrom) => {
    expect(featureBlocks(pointadConfig(), model(layers))).toEqual({ layers: [layers], valueAttentionFrom });
  });

  test('the ordinary path and other layers can be chosen', () => {
    const config = pointadConfig({ attention: 'qkv', featureLayers: [6, 12, 18, 24] });
    expect(featureBlocks(config, model(24))).toEqual({ layers: [6, 12, 18, 24] });
  });

  test('a block that the model has not is refused', () => {
    expect(() => featureBlocks(pointadConfig({ featureLayers: [24] }), model(12))).toThrow('blocks up to 12');
    expect(() => featureBlocks(pointadConfig({ vvFirstBlock: 13 }), model(12))).toThrow('blocks up to 12');
  });
});
