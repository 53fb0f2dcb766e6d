import type { ClipConfig } from '../clip/index.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { OnnxGraph, type Value } from './onnx-graph.js';

/** Which features the graph computes; they are fixed when it is built. */
export interface OnnxFeatures {
  readonly layers: readonly number[];
  readonly valueAttentionFrom: number | undefined;
  readonly projectPatches: boolean;
}

/** Name of the output that holds a layer's patch tokens. */
export function patchOutput(layer: number): string {
  return `patches_${layer}`;
}

/**
 * The vision tower as an ONNX graph: `images` [B, H, W, 3] → `image` [B, D] and `patches_<layer>` [B, P, D or W].
 * Attention, layer norm and activations are the runtime's fused operators. Tokens stay flattened to [B·N, W], so
 * that every linear layer is one Gemm that takes PyTorch's weights as they are stored.
 */
export function visionGraph(checkpoint: Checkpoint, config: ClipConfig, features: OnnxFeatures): OnnxGraph {
  const { vision, embeddingWidth, activation } = config;
  const { imageSize, patchSize, width, heads, layers: depth, mlpWidth } = vision;
  const side = imageSize / patchSize;
  const tokenCount = side * side + 1;
  const graph = new OnnxGraph();
  const add = (operator: string, inputs: Value[], attributes = {}, options = {}) =>
    graph.add(operator, inputs, attributes, options)[0];
  const weight = (name: string, ...shape: number[]) => graph.weight(shape, () => checkpoint.read(name));
  const flattened = graph.integers([-1, width]);
  const unflattened = graph.integers([-1, tokenCount, width]);
  const flatten = (x: Value) => add('Reshape', [x, flattened]);
  const unflatten = (x: Value) => add('Reshape', [x, unflattened]);
  const linear = (x: Value, name: string, separator: '.' | '_', inputs: number, outputs: number) =>
    add(
      'Gemm',
      [x, weight(`${name}${separator}weight`, outputs, inputs), weight(`${name}${separator}bias`, outputs)],
      { transB: 1 },
    );
  const layerNorm = (x: Value, name: string) =>
    add('LayerNormalization', [x, weight(`${name}.weight`, width), weight(`${name}.bias`, width)], {
      axis: -1,
      epsilon: 1e-5,
    });
  const fused = { domain: 'com.microsoft' };
  const activate = (x: Value) =>
    activation === 'gelu' ? add('Gelu', [x], {}, fused) : add('QuickGelu', [x], { alpha: 1.702 }, fused);
  const attend = (queries: Value, keys: Value, values: Value) =>
    flatten(add('MultiHeadAttention', [queries, keys, values], { num_heads: heads }, fused));
  const projection = weight('visual.proj', width, embeddingWidth);
  const project = (x: Value) => add('MatMul', [layerNorm(x, 'visual.ln_post'), projection]);

  /** [B, 1 + P, W] with the class token's place empty, then class and position embeddings added. */
  function embed(images: Value): Value {
    const channelsFirst = add('Transpose', [images], { perm: [0, 3, 1, 2] });
    const filters = weight('visual.conv1.weight', width, 3, patchSize, patchSize);
    const convolved = add('Conv', [channelsFirst, filters], { strides: [patchSize, patchSize] });
    const rows = add('Reshape', [convolved, graph.integers([0, width, side * side])]);
    const patches = add('Transpose', [rows], { perm: [0, 2, 1] });
    const padded = add('Pad', [patches, graph.integers([0, 1, 0, 0, 0, 0])]);
    const placed = graph.weight([tokenCount, width], async () => {
      const positions = await checkpoint.read('visual.positional_embedding');
      const classEmbedding = await checkpoint.read('visual.class_embedding');
      for (let i = 0; i < width; i++) positions[i] += classEmbedding[i];
      return positions;
    });
    return layerNorm(flatten(add('Add', [padded, placed])), 'visual.ln_pre');
  }

  function patchTokens(tokens: Value): Value {
    const patches = add('Slice', [
      unflatten(tokens),
      graph.integers([1]),
      graph.integers([tokenCount]),
      graph.integers([1]),
    ]);
    return features.projectPatches ? project(patches) : patches;
  }

  let tokens = embed(graph.input('images', ['B', imageSize, imageSize, 3]));
  let valuePath: Value | undefined;
  for (let layer = 1; layer <= depth; layer++) {
    const name = `visual.transformer.resblocks.${layer - 1}`;
    const projected = linear(
      layerNorm(tokens, `${name}.ln_1`),
      `${name}.attn.in_proj`,
      '_',
      width,
      3 * width,
    );
    const [queries, keys, values] = graph
      .add('Split', [projected, graph.integers([width, width, width])], { axis: 1 }, { outputs: 3 })
      .map(unflatten);
    if (layer === features.valueAttentionFrom) valuePath = tokens;
    const heard = [attend(queries, keys, values)];
    if (valuePath) heard.push(attend(values, values, values));
    const outWeight = weight(`${name}.attn.out_proj.weight`, width, width);
    const outBias = weight(`${name}.attn.out_proj.bias`, width);
    const [attention, valueAttention] = heard.map((x) => add('Gemm', [x, outWeight, outBias], { transB: 1 }));
    if (valuePath) valuePath = add('Add', [valuePath, valueAttention]);
    const attended = add('Add', [tokens, attention]);
    const hidden = linear(layerNorm(attended, `${name}.ln_2`), `${name}.mlp.c_fc`, '.', width, mlpWidth);
    const mlp = linear(activate(hidden), `${name}.mlp.c_proj`, '.', mlpWidth, width);
    tokens = add('Add', [attended, mlp]);
    if (features.layers.includes(layer)) {
      const featureWidth = features.projectPatches ? embeddingWidth : width;
      graph.output(patchOutput(layer), patchTokens(valuePath ?? tokens), ['B', side * side, featureWidth]);
    }
  }
  const classTokens = add('Slice', [
    unflatten(tokens),
    graph.integers([0]),
    graph.integers([1]),
    graph.integers([1]),
  ]);
  graph.output('image', project(flatten(classTokens)), ['B', embeddingWidth]);
  return graph;
}
