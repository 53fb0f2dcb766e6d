import { type OrganisedCloud, ShapeError } from '@anomclip/core';
import { type AnomalyMap, contiguous, interpolate } from '@anomclip/core/image';
import type { ResNet } from '@anomclip/core/resnet';
import { toOrganised, toUnorganised } from '@anomclip/pointcloud';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import type { ThreeDzalConfig } from './config.js';

/**
 * Where a network is excited by the coordinates of a scan, taken as colours (section 5 of 3DzAL's specification): the
 * outputs of stages 1 to 3 summed over channels, each spread over [0, 1], averaged at the size of the first, resized.
 *
 * @param organised - [S, S, 3]
 * @param network - A ResNet of which at least three stages are loaded; usually one that was never trained.
 * @returns [S, S], in [0, 1].
 * @throws {@link ShapeError} when xyz is not [H, W, 3].
 */
export async function attentionMap(
  organised: OrganisedCloud,
  network: ResNet,
  { input, missing }: Pick<ThreeDzalConfig['randomCnn'], 'input'> & Pick<ThreeDzalConfig, 'missing'>,
): Promise<AnomalyMap> {
  const { shape } = organised.xyz;
  if (shape.length !== 3 || shape[2] !== 3) throw new ShapeError('attentionMap', '[H, W, 3]', shape);
  const [height, width] = shape;
  const xyz = input === 'raw' ? contiguous(organised.xyz) : centred(organised, missing);
  const sums = tf.tidy(() => {
    const stages = network.features(tf.tensor4d(xyz.slice(), [1, height, width, 3]), [1, 2, 3]);
    return [...stages.values()].map((stage) => tf.squeeze<tf.Tensor2D>(tf.sum(stage, 3), [0]));
  });
  try {
    const [rows, columns] = sums[0].shape;
    const average = new Float32Array(rows * columns);
    for (const sum of sums) {
      const map = ndarray(spread(await sum.data<'float32'>()), [...sum.shape]);
      contiguous(interpolate(map, rows, columns)).forEach((value, i) => {
        average[i] += value / sums.length;
      });
    }
    return interpolate(ndarray(average, [rows, columns]), height, width);
  } finally {
    tf.dispose(sums);
  }
}

function centred(organised: OrganisedCloud, missing: ThreeDzalConfig['missing']): Float32Array {
  const [height, width] = organised.xyz.shape;
  const { positions, index } = toUnorganised(organised, { missing });
  const mean = [0, 0, 0];
  for (let i = 0; i < positions.length; i++) mean[i % 3] += positions[i] / index.length;
  const moved = positions.map((value, i) => value - mean[i % 3]);
  return contiguous(toOrganised(moved, index, height, width));
}

/** From 0 at the smallest value to 1 at the largest; a constant map is 0. */
function spread(values: Float32Array): Float32Array {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return values.map((value) => (high > low ? (value - low) / (high - low) : 0));
}
