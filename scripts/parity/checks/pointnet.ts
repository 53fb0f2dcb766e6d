import {
  addMlp,
  chooseGroups,
  describeGroups,
  groupPoints,
  levelRows,
  type MlpLayer,
} from '@anomclip/core/pointnet';
import { createRng } from '@anomclip/core/random';
import { ModelState } from '@anomclip/core/training';
import * as tf from '@tensorflow/tfjs';
import { type Golden, largestError } from '../golden.js';
import type { Compare } from '../parity.js';

const tolerance = 1e-4;

/** One set abstraction level in training mode: indices, features, gradients, running statistics. */
export async function checkPointNet(golden: Golden, compare: Compare): Promise<void> {
  const [batch, count] = golden.shape('input.xyz');
  const centreCount = golden.shape('fps_indices')[1];
  const [radius, groupSize] = [Number(golden.setting('radius')), Number(golden.setting('k'))];
  const xyz = golden.float32('input.xyz').data;
  const groups = chooseGroups(xyz, batch, centreCount, [{ radius, groupSize }]);
  compare('fps_indices', largestError(groups.centres, golden.values('fps_indices')), 0);
  compare('ball_indices', largestError(groups.neighbours[0], golden.values('ball_indices')), 0);

  const { state, layers } = goldenMlp(golden);
  const [points, features] = [
    tensorOf(golden, 'input.xyz'),
    tensorOf(golden, 'input.features'),
  ] as tf.Tensor3D[];
  const rows = levelRows(groups, batch, count);
  const grouped = groupPoints(points, features, rows.centres, rows.neighbours[0]);
  const check = async (actual: tf.Tensor, name: string, order?: number[]) => {
    const arranged = tf.transpose(actual, order);
    const expected = golden.values(name);
    // Gradients are sums of hundreds of terms: relative to the largest entry.
    const scale = name.startsWith('grad')
      ? expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
      : 1;
    compare(name, largestError(await arranged.data(), expected) / scale, tolerance);
    arranged.dispose();
  };
  await check(grouped, 'grouped', [0, 3, 1, 2]);

  const width = golden.shape('output')[1];
  const slope = tf.tidy(() =>
    tf.transpose(
      tf.reshape(tf.linspace(-1, 1, batch * width * centreCount), [batch, width, centreCount]),
      [0, 2, 1],
    ),
  );
  const inputs = ['mlp.0.weight', 'mlp.0.norm.weight', 'mlp.1.weight'].flatMap(
    (name) => state.parameters.get(name) ?? [],
  );
  const gradients = tf.tidy(() =>
    tf.grads((x) => tf.sum(tf.mul(describeGroups(x as tf.Tensor4D, layers, true), slope)))([
      grouped,
      ...inputs,
    ]),
  );
  await check(gradients[0], 'grad.grouped', [0, 3, 1, 2]);
  await check(gradients[1], 'grad.conv1.weight', [1, 0]);
  await check(gradients[2], 'grad.bn1.weight', [0]);
  await check(gradients[3], 'grad.conv2.weight', [1, 0]);
  for (const [name, buffer] of state.buffers) {
    const [, layer, part] = name.match(/^mlp\.(\d+)\.norm\.(\w+)$/) ?? [];
    await check(buffer, `after.bn${Number(layer) + 1}.${part}`, [0]);
  }
  const output = describeGroups(grouped, layers, true);
  await check(output, 'output', [0, 2, 1]);
  tf.dispose([points, features, rows.centres, ...rows.neighbours, grouped, slope, output, ...gradients]);
  state.dispose();
}

function tensorOf(golden: Golden, name: string): tf.Tensor {
  return tf.tensor(golden.float32(name).data, [...golden.shape(name)]);
}

function goldenMlp(golden: Golden): { state: ModelState; layers: MlpLayer[] } {
  const state = new ModelState();
  const widths = [1, 2].map((layer) => golden.shape(`weights.conv${layer}.weight`)[0]);
  const layers = addMlp(state, 'mlp', golden.shape('weights.conv1.weight')[1], widths, createRng(0));
  tf.tidy(() => {
    for (const layer of [0, 1]) {
      const stored = tensorOf(golden, `weights.conv${layer + 1}.weight`);
      const weight = tf.transpose(tf.reshape(stored, stored.shape.slice(0, 2)));
      state.parameters.get(`mlp.${layer}.weight`)?.assign(weight);
      state.parameters.get(`mlp.${layer}.bias`)?.assign(tensorOf(golden, `weights.conv${layer + 1}.bias`));
    }
  });
  return { state, layers };
}
