import { ArgumentError } from '@anomclip/core';
import { clipConfig } from '@anomclip/core/clip';
import { describe, expect, test } from 'vitest';
import {
  type Clip3dConfig,
  clip3dConfig,
  clip3dDefaults,
  type PartialClip3dConfig,
  sizesOf,
} from './config.js';

const paperModel = clipConfig('ViT-B-16-plus-240');

describe('the configuration of CLIP3D-AD', () => {
  test('the defaults on ViT-B/16+ are the numbers of the paper', () => {
    expect(sizesOf(clip3dConfig(), paperModel)).toEqual({
      layers: [6, 9, 12],
      lastLayer: 12,
      tokenWidth: 896,
      textWidth: 640,
      views: 5,
      imageSize: 240,
      headWidth: 64,
      seHidden: 2,
    });
    const { gamma, tau, learningRates, views } = clip3dConfig();
    expect({ gamma, tau, views }).toEqual({ gamma: 0.07, tau: 0.07, views: [5, 9, 14, 19, 27] });
    expect(Object.values(learningRates)).toEqual([1e-5, 5e-5, 5e-4, 5e-4, 1e-4]);
  });

  test('sizes come from the model, and layers from its depth', () => {
    const small = { vision: { ...paperModel.vision, layers: 4, width: 96, heads: 3 }, embeddingWidth: 128 };
    const { layers, lastLayer, headWidth, views } = sizesOf(clip3dConfig({ useMultiView: false }), small);
    expect({ layers, lastLayer, headWidth, views }).toEqual({
      layers: [2, 3, 4],
      lastLayer: 4,
      headWidth: 32,
      views: 0,
    });
    expect(sizesOf(clip3dConfig({ layers: [9, 6] }), paperModel).layers).toEqual([6, 9]);
    expect(() => sizesOf(clip3dConfig({ layers: [5] }), small)).toThrow(/layers up to 4/);
    expect(() => sizesOf(clip3dConfig({ headWidth: 48 }), small)).toThrow(
      /headWidth that divides 96 and 128/,
    );
  });

  test('parts of the learning rates may be given', () => {
    expect(clip3dConfig({ learningRates: { image: 1 } }).learningRates).toEqual({
      ...clip3dDefaults.learningRates,
      image: 1,
    });
  });

  test('a configuration survives JSON', () => {
    const config = clip3dConfig({ views: [3, 7], layers: [2], cloudSize: 300, localFuse: 'per-patch' });
    expect(clip3dConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
  });

  test.each<readonly [object, RegExp]>([
    [{ views: [5, 28] }, /views from 1 to 27/],
    [{ views: [5, 5] }, /different numbers/],
    [{ views: [] }, /different numbers/],
    [{ layers: [] }, /layers to be/],
    [{ layers: [0] }, /at least 1/],
    [{ adapterResidual: [0.4] }, /two weights/],
    [{ gamma: 0 }, /gamma above 0/],
    [{ background: 1.5 }, /background.*from 0 to 1/],
    [{ c2fDepth: 1e9 }, /c2fDepth up to/],
    [{ seHidden: 1e9 }, /seHidden up to/],
    [{ epochs: 0 }, /epochs/],
    [{ epochs: 1.5 }, /epochs/],
    [{ batchSize: 0 }, /batchSize/],
    [{ batchSize: 'many' }, /batchSize to be a number/],
    [{ synthPool: Number.NaN }, /synthPool/],
    [{ useMultiView: 1 }, /useMultiView to be true or false/],
    [{ learningRates: { image: -1 } }, /learningRates.image/],
    [{ learningRates: { images: 1 } }, /one of classText/],
    [{ seed: Number.NaN }, /seed/],
    [{ epoch: 3 }, /one of preprocess/],
    ...(
      [
        'preprocess',
        'rotation',
        'cameraFit',
        'templates',
        'classNameFormat',
        'textureSource',
        'adapter',
        'c2f',
        'c2fInputNorm',
        'globalFuse',
        'localFuse',
        'upsample',
        'selection',
        'maxOn',
      ] satisfies (keyof Clip3dConfig)[]
    ).map((name) => [{ [name]: 'other' }, new RegExp(`${name} to be '`)] as const),
  ])('%j is refused', (given, message) => {
    const config = () => clip3dConfig(given as PartialClip3dConfig);
    expect(config).toThrow(ArgumentError);
    expect(config).toThrow(message);
  });
});
