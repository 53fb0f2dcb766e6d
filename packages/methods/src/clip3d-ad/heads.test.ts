import { createRng } from '@anomclip/core/random';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { lossGradients } from '../../../core/src/training/gradients.js';
import { adapterMlps, initialAdapter } from '../heads/adapter.js';
import { type HeadValues, stateOf, weightsOf } from '../heads/weights.js';
import { zeroRng } from '../testing/zero-rng.js';
import { type DecoderConfig, type DecoderKind, decode, initialDecoder } from './decoder.js';
import { initialGlobalFusion } from './global-fusion.js';
import { fuseLocal, initialLocalFusion, type LocalFusionConfig } from './local-fusion.js';

const rng = createRng(3);
const full = { tokenWidth: 896, textWidth: 640, layers: 3 };
const decoderConfig = (c2f: DecoderKind): DecoderConfig => ({
  c2f,
  c2fDepth: 1,
  c2fInputNorm: 'none',
  headWidth: 64,
});
const localConfig = (
  localFuse: LocalFusionConfig['localFuse'],
  viewEmbedding = false,
): LocalFusionConfig => ({
  localFuse,
  viewEmbedding,
  recompute: 'never',
  headWidth: 4,
});
const countOf = (values: HeadValues) => Object.values(values).reduce((sum, { data }) => sum + data.length, 0);
const tensorsOf = (values: HeadValues) =>
  Object.fromEntries(Object.entries(values).map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]));

describe('parameter counts (clip3d-ad.md 15)', () => {
  test.each([
    ['adapter of images', () => initialAdapter('image', 640, adapterMlps.image, zeroRng), 6_970_240],
    ['adapter of texts', () => initialAdapter('text', 640, adapterMlps.text, zeroRng), 3_690_240],
    ['decoder progressive', () => initialDecoder(full, decoderConfig('progressive'), zeroRng), 17_553_664],
    ['decoder flat640', () => initialDecoder(full, decoderConfig('flat640'), zeroRng), 11_569_280],
    ['decoder flat896', () => initialDecoder(full, decoderConfig('flat896'), zeroRng), 22_276_096],
    [
      'global fusion',
      () => initialGlobalFusion(5, 640, { globalFuse: 'concat', seHidden: 2 }, zeroRng),
      20 + 2_048_640,
    ],
    ['local fusion', () => initialLocalFusion(5, 896, 640, localConfig('joint'), zeroRng), 19_866_752],
  ])('%s', (_, initial, count) => {
    expect(countOf(initial())).toBe(count);
  });
});

describe.each(['cpu', 'wasm'] as const)('the heads of CLIP3D-AD on %s', (backend) => {
  beforeAll(async () => {
    await startBackend(backend);
  });

  test.each(['progressive', 'flat640', 'flat896', 'wide'] as const)(
    'the decoder %s ends in the text space, with either input norm and any depth',
    async (kind) => {
      const sizes = { tokenWidth: 8, textWidth: 4, layers: 2 };
      const before = tf.memory().numTensors;
      for (const c2fInputNorm of ['none', 'layernorm'] as const) {
        const config: DecoderConfig = { c2f: kind, c2fDepth: 2, c2fInputNorm, headWidth: 4 };
        const weights = tensorsOf(initialDecoder(sizes, config, rng));
        const tokens = [0, 1].map((i) => tf.randomNormal([2, 9, 8], 0, 1, 'float32', i) as tf.Tensor3D);
        const local = decode(tokens, weights, sizes, config);
        expect(local.shape).toEqual([2, 9, 4]);
        expect((await local.data()).every(Number.isFinite)).toBe(true);
        tf.dispose([weights, tokens, local]);
      }
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  test('with a single view every kind of attention within views agrees', async () => {
    const weights = tensorsOf(initialLocalFusion(1, 8, 4, localConfig('joint'), rng));
    const views = tf.randomNormal([2, 1, 9, 8], 0, 1, 'float32', 5) as tf.Tensor4D;
    const [joint, ...others] = await Promise.all(
      (['joint', 'per-view', 'mean-first'] as const).map(async (kind) => {
        const fused = fuseLocal(views, weights, localConfig(kind));
        expect(fused.shape).toEqual([2, 9, 4]);
        return [...(await fused.data())];
      }),
    );
    for (const other of others) {
      for (const [i, value] of other.entries()) expect(value).toBeCloseTo(joint[i], 5);
    }
  });

  test.each(['joint', 'per-view', 'per-patch', 'mean-first'] as const)(
    'fusion %s recomputed has the same values and gradients, with less kept for them',
    async (kind) => {
      const values = initialLocalFusion(3, 8, 4, localConfig(kind, true), rng);
      const views = tf.randomNormal([2, 3, 9, 8], 0, 1, 'float32', 8) as tf.Tensor4D;
      const before = tf.memory().numTensors;
      const evaluate = async (recompute: LocalFusionConfig['recompute']) => {
        const state = stateOf(values);
        const config = { ...localConfig(kind, true), recompute };
        let kept = 0;
        const { losses, gradients } = lossGradients(state.parameters, () => {
          const start = tf.memory().numTensors;
          const fused = fuseLocal(views, weightsOf(state), config);
          kept = tf.memory().numTensors - start;
          return { total: tf.sum(tf.square(fused)) as tf.Scalar };
        });
        const read = [...losses, ...gradients].map(
          async ([name, tensor]) => [name, await tensor.data()] as const,
        );
        const named = new Map(await Promise.all(read));
        tf.dispose([...losses.values(), ...gradients.values()]);
        state.dispose();
        return { named, kept };
      };
      const [plain, again] = [await evaluate('never'), await evaluate('always')];
      expect([...again.named.keys()]).toEqual([...plain.named.keys()]);
      for (const [name, expected] of plain.named) {
        const actual = again.named.get(name) ?? [];
        for (const [i, value] of expected.entries()) {
          expect(Math.abs(actual[i] - value), name).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
        }
      }
      expect(again.kept).toBeLessThan(plain.kept / 2);
      expect(tf.memory().numTensors).toBe(before);
      views.dispose();
    },
  );

  test('attention per patch sees no other patch', async () => {
    const weights = tensorsOf(initialLocalFusion(3, 8, 4, localConfig('per-patch'), rng));
    const views = tf.randomNormal([1, 3, 9, 8], 0, 1, 'float32', 6) as tf.Tensor4D;
    const patch = (index: number) => tf.slice(views, [0, 0, index, 0], [-1, -1, 1, -1]);
    const whole = fuseLocal(views, weights, localConfig('per-patch'));
    const alone = fuseLocal(patch(4), weights, localConfig('per-patch'));
    const difference = tf.max(tf.abs(tf.sub(tf.slice(whole, [0, 4, 0], [-1, 1, -1]), alone)));
    expect((await difference.data())[0]).toBeLessThan(1e-5);
  });

  test('a learned vector per view begins without effect', async () => {
    const weights = tensorsOf(initialLocalFusion(3, 8, 4, localConfig('joint', true), rng));
    const views = tf.randomNormal([1, 3, 9, 8], 0, 1, 'float32', 7) as tf.Tensor4D;
    const difference = tf.max(
      tf.abs(
        tf.sub(
          fuseLocal(views, weights, localConfig('joint', true)),
          fuseLocal(views, weights, localConfig('joint')),
        ),
      ),
    );
    expect((await difference.data())[0]).toBe(0);
  });
});
