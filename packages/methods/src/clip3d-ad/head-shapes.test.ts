import { expect, test } from 'vitest';
import { zeroRng } from '../testing/zero-rng.js';
import { clip3dConfig, type PartialClip3dConfig, sizesOf } from './config.js';
import { initialHead, initialImageHead } from './head.js';
import { headShapes } from './head-shapes.js';

const model = {
  vision: { imageSize: 32, patchSize: 8, width: 16, layers: 4, heads: 4, mlpWidth: 32 },
  embeddingWidth: 12,
};

test.each<PartialClip3dConfig>([
  {},
  { useMultiView: false },
  { adapter: 'clip-adapter', c2f: 'flat640', c2fDepth: 2 },
  { adapter: 'linear', c2f: 'flat896', c2fInputNorm: 'layernorm', globalFuse: 'sum' },
  { c2f: 'wide', layers: [1, 4], views: [1, 2, 3], viewEmbedding: true, seHidden: 3 },
  { layers: [4], mvfmZeroInit: true, localFuse: 'mean-first' },
])('names and shapes with %j are those of the initial weights', (given) => {
  const config = clip3dConfig(given);
  const sizes = sizesOf(config, model);
  const made = Object.entries(initialImageHead(config, sizes, zeroRng)).map(([name, { shape }]) => [
    name,
    shape,
  ]);
  const texts = [
    ['text.class', [2, 12]],
    ['text.segmentation', [2, 12]],
  ];
  expect(Object.fromEntries(headShapes(config, sizes))).toEqual(Object.fromEntries([...texts, ...made]));
});

test('all that is trained is 53,819,796 numbers with the defaults on ViT-B/16+', () => {
  const config = clip3dConfig();
  const paper = {
    vision: { ...model.vision, imageSize: 240, patchSize: 16, width: 896, layers: 12, heads: 14 },
    embeddingWidth: 640,
  };
  const sizes = sizesOf(config, paper);
  const texts = 2 * 2 * 640;
  const count = (shape: readonly number[]) => shape.reduce((product, side) => product * side, 1);
  const image = [...headShapes(config, sizes).values()].reduce((sum, shape) => sum + count(shape), 0) - texts;
  expect(image + 2 * 3_690_240).toBe(53_819_796);
});

test('the initial weights are those of images and two text adapters', () => {
  const config = clip3dConfig();
  const sizes = sizesOf(config, model);
  const rest = Object.keys(initialHead(config, sizes, zeroRng)).filter(
    (name) => !(name in initialImageHead(config, sizes, zeroRng)),
  );
  expect(new Set(rest.map((name) => name.split('.')[0]))).toEqual(
    new Set(['class_text', 'segmentation_text']),
  );
});
