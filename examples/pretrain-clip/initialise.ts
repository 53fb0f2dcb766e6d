import type { ClipConfig } from '@anomclip/core/clip';
import type { Rng } from '@anomclip/core/random';
import type { TensorToWrite } from '@anomclip/core/weights';
import { leadingEigenpairs } from './eigenpairs.js';

/**
 * Initial weights under OpenCLIP's names and in its layout. As OpenCLIP draws them, with two changes: the patch embedding
 * whitens patches of training images, or brightness would drown everything else a hundredfold; and the positions are
 * sines and cosines, so that neighbouring patches find each other from the first step on.
 *
 * @param patches - Preprocessed patches of training images, [N, p·p·3] row-major, channels last.
 */
export function initialWeights(
  config: ClipConfig,
  patches: Float32Array,
  rng: Rng,
): Map<string, TensorToWrite> {
  const { vision, text, embeddingWidth } = config;
  const tensors = new Map<string, TensorToWrite>();
  const add = (name: string, shape: number[], value: (i: number) => number) => {
    const length = shape.reduce((product, side) => product * side, 1);
    tensors.set(name, { shape, data: Float32Array.from({ length }, (_, i) => value(i)) });
  };
  const addNormal = (name: string, shape: number[], std: number) => {
    const stream = rng.fork(name);
    add(name, shape, () => stream.normal(0, std));
  };
  const addLayerNorm = (name: string, width: number) => {
    add(`${name}.weight`, [width], () => 1);
    add(`${name}.bias`, [width], () => 0);
  };
  const addBlocks = (prefix: string, { width, layers, mlpWidth }: typeof vision | typeof text) => {
    const onto = width ** -0.5 * (2 * layers) ** -0.5;
    for (let i = 0; i < layers; i++) {
      const block = `${prefix}.resblocks.${i}`;
      addLayerNorm(`${block}.ln_1`, width);
      addLayerNorm(`${block}.ln_2`, width);
      for (const [name, outputs, inputs, std] of [
        ['attn.in_proj_', 3 * width, width, width ** -0.5],
        ['attn.out_proj.', width, width, onto],
        ['mlp.c_fc.', mlpWidth, width, (2 * width) ** -0.5],
        ['mlp.c_proj.', width, mlpWidth, onto],
      ] as const) {
        addNormal(`${block}.${name}weight`, [outputs, inputs], std);
        add(`${block}.${name}bias`, [outputs], () => 0);
      }
    }
  };

  const { width, patchSize, imageSize } = vision;
  const kernels = whitening(patches, patchSize, width, rng.fork('whitening'));
  add('visual.conv1.weight', [width, 3, patchSize, patchSize], (i) => kernels[i]);
  addNormal('visual.class_embedding', [width], width ** -0.5);
  const positions = sineCosinePositions(imageSize / patchSize, width);
  const stream = rng.fork('class position');
  add('visual.positional_embedding', [(imageSize / patchSize) ** 2 + 1, width], (i) =>
    i < width ? stream.normal(0, width ** -0.5) : positions[i - width],
  );
  addLayerNorm('visual.ln_pre', width);
  addBlocks('visual.transformer', vision);
  addLayerNorm('visual.ln_post', width);
  addNormal('visual.proj', [width, embeddingWidth], width ** -0.5);

  addNormal('token_embedding.weight', [text.vocabularySize, text.width], 0.02);
  addNormal('positional_embedding', [text.contextLength, text.width], 0.01);
  addBlocks('transformer', text);
  addLayerNorm('ln_final', text.width);
  addNormal('text_projection', [text.width, embeddingWidth], text.width ** -0.5);
  add('logit_scale', [], () => Math.log(1 / 0.07));
  return tensors;
}

/**
 * Q diag((l + 0.003)^-½) Eᵀ with the leading eigenpairs (l, E) of the patches' second moments and a random rotation Q, as
 * kernels [width, 3, p, p].
 */
function whitening(patches: Float32Array, patchSize: number, width: number, rng: Rng): Float32Array {
  const size = patchSize * patchSize * 3;
  const { values, vectors } = leadingEigenpairs(secondMoments(patches, size), size, width);
  const rotation = randomRotation(width, rng);
  const kernels = new Float32Array(width * size);
  for (let out = 0; out < width; out++) {
    for (let k = 0; k < width; k++) {
      const factor = rotation[out * width + k] / Math.sqrt(values[k] + 0.003);
      for (let i = 0; i < size; i++) {
        const at = (out * 3 + (i % 3)) * patchSize * patchSize + Math.floor(i / 3); // channels first
        kernels[at] += factor * vectors[k * size + i];
      }
    }
  }
  return kernels;
}

/** [size, size], not centred. */
function secondMoments(rows: Float32Array, size: number): Float64Array {
  const count = rows.length / size;
  const moments = new Float64Array(size * size);
  for (let row = 0; row < rows.length; row += size) {
    for (let i = 0; i < size; i++) {
      const scaled = rows[row + i] / count;
      for (let j = 0; j <= i; j++) moments[i * size + j] += scaled * rows[row + j];
    }
  }
  for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) moments[j * size + i] = moments[i * size + j];
  return moments;
}

/** Normal numbers, their rows made orthonormal one after the other. */
function randomRotation(width: number, rng: Rng): Float64Array {
  const matrix = Float64Array.from({ length: width * width }, () => rng.normal());
  for (let row = 0; row < width; row++) {
    const current = matrix.subarray(row * width, (row + 1) * width);
    for (let before = 0; before < row; before++) {
      const other = matrix.subarray(before * width, (before + 1) * width);
      const along = current.reduce((sum, value, i) => sum + value * other[i], 0);
      for (let i = 0; i < width; i++) current[i] -= along * other[i];
    }
    const length = Math.sqrt(current.reduce((sum, value) => sum + value * value, 0));
    for (let i = 0; i < width; i++) current[i] /= length;
  }
  return matrix;
}

/** [side·side, width]: a quarter each of sin and cos of row and column, of wavelengths from a few patches to hundreds. */
function sineCosinePositions(side: number, width: number): Float32Array {
  const frequencies = Math.floor(width / 4);
  const positions = new Float32Array(side * side * width);
  for (let place = 0; place < side * side; place++) {
    for (const [part, index] of [Math.floor(place / side), place % side].entries()) {
      for (let k = 0; k < frequencies; k++) {
        const angle = 1.2 * index * 40 ** (-k / frequencies);
        const at = place * width + 2 * part * frequencies + k;
        positions[at] = 0.7 * Math.sin(angle);
        positions[at + frequencies] = 0.7 * Math.cos(angle);
      }
    }
  }
  return positions;
}
