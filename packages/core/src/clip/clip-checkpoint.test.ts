import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { createRng } from '../random/index.js';
import { describeOnBackends } from '../testing/backends.fixture.js';
import { tinyClipWeights, tinyConfig } from '../testing/tiny-clip.fixture.js';
import { adam } from '../training/adam.js';
import { lossGradients } from '../training/gradients.js';
import { ModelState } from '../training/model-state.js';
import { readSafetensors, safetensorsCheckpoint, writeSafetensors } from '../weights/index.js';
import { clipCheckpoint } from './clip-checkpoint.js';
import { TextTower } from './text.js';
import { VisionTower } from './vision.js';

const stored = readSafetensors(tinyClipWeights());

async function trainable() {
  const state = new ModelState();
  const checkpoint = safetensorsCheckpoint(stored);
  const vision = await VisionTower.load(checkpoint, tinyConfig, state);
  const text = await TextTower.load(checkpoint, tinyConfig, state);
  return { state, vision, text };
}

function numbers(name: string, shape: number[]): tf.Tensor {
  const rng = createRng('clip checkpoint').fork(name);
  const length = shape.reduce((product, side) => product * side, 1);
  return tf.tensor(
    Float32Array.from({ length }, () => rng.normal()),
    shape,
  );
}

test('towers that were loaded for training are written as they were stored, tensor by tensor', async () => {
  const { state } = await trainable();
  const written = readSafetensors(
    writeSafetensors(clipCheckpoint((await state.save()) as never, tinyConfig)),
  );
  expect([...written.tensors.keys()].sort()).toEqual([...stored.tensors.keys()].sort());
  for (const [name, { shape, data }] of stored.tensors) {
    expect(written.tensors.get(name)?.shape, name).toEqual(shape);
    expect(written.tensors.get(name)?.data, name).toEqual(data);
  }
  state.dispose();
});

test('in half precision they take half the room and stay within one part in 2048', async () => {
  const { state } = await trainable();
  const bytes = writeSafetensors(clipCheckpoint((await state.save()) as never, tinyConfig, { dtype: 'F16' }));
  const checkpoint = safetensorsCheckpoint(readSafetensors(bytes));
  for (const [name, { data }] of stored.tensors) {
    const rounded = await checkpoint.read(name);
    for (const [i, value] of rounded.entries()) {
      expect(Math.abs(value - Number(data[i]))).toBeLessThanOrEqual(
        Math.abs(Number(data[i])) / 2048 + 2 ** -25,
      );
    }
  }
  state.dispose();
});

describeOnBackends('towers in training', (backend) => {
  const testTraining = test.skipIf(backend === 'webgpu'); // 40 s of shaders, see the gradients of the towers

  testTraining('every weight of both has a gradient, and a step along it lowers the loss', async () => {
    const before = tf.memory().numTensors;
    const { state, vision, text } = await trainable();
    const images = numbers('images', [2, 8, 8, 3]) as tf.Tensor4D;
    const ids = [
      [8, 6, 7, 9],
      [8, 5, 9, 0],
    ];
    const selection = tf.tidy(() => tf.cast(tf.oneHot(tf.tensor2d(ids, [2, 4], 'int32'), 10), 'float32'));
    const ends = tf.tensor2d([0, 0, 0, 1, 0, 0, 1, 0], [2, 4]);
    const target = numbers('target', [2, 6]);
    const evaluate = () => {
      const { image, patches, valuePatches } = vision.encodeBothPaths(images, 2);
      const texts = text.encodeEmbeddings(text.embedSelection(selection as tf.Tensor3D), ends);
      const all = [image, tf.mean(patches, 1), tf.mean(valuePatches, 1), texts];
      return {
        total: tf.addN(all.map((x) => tf.mean(tf.square(tf.sub(x, target))))) as tf.Scalar,
      };
    };
    const { losses, gradients } = lossGradients(state.parameters, evaluate);
    for (const [name, gradient] of gradients) {
      expect(
        tf.tidy(() => tf.max(tf.abs(gradient)).dataSync()[0]),
        name,
      ).toBeGreaterThan(0);
    }
    expect([...gradients.keys()].sort()).toEqual([...state.parameters.keys()].sort());
    const optimiser = adam([{ parameters: state.parameters, learningRate: 1e-3 }]);
    optimiser.step(gradients, 1);
    const after = tf.tidy(() => evaluate().total.dataSync()[0]);
    expect(after).toBeLessThan(losses.get('total')?.dataSync()[0] ?? 0);

    tf.dispose([...losses.values(), ...gradients.values(), images, selection, ends, target]);
    optimiser.dispose();
    vision.dispose();
    text.dispose();
    state.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  testTraining('both paths at once are the two paths one after the other', async () => {
    const tower = await VisionTower.load(safetensorsCheckpoint(stored), tinyConfig);
    const images = numbers('images', [2, 8, 8, 3]) as tf.Tensor4D;
    const both = tower.encodeBothPaths(images, 2);
    const plain = tower.encode(images, { layers: [3], projectPatches: true });
    const values = tower.encode(images, { layers: [3], projectPatches: true, valueAttentionFrom: 2 });
    for (const [one, other] of [
      [both.image, plain.image],
      [both.patches, plain.patches.get(3)],
      [both.valuePatches, values.patches.get(3)],
    ]) {
      expect(other && [...other.dataSync()]).toEqual(one && [...one.dataSync()]);
    }
    tower.dispose();
  });
});
