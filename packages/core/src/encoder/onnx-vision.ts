import type { ClipConfig } from '../clip/index.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import type { OnnxGraph, Value } from './onnx-graph.js';
import { OnnxLayers, type OnnxPrecision } from './onnx-layers.js';

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
 * The vision tower as an ONNX graph: `images` [B, H, W, 3], `positions` [1 + P, W] and `sequences` [M, T] → `image`
 * [B·M, D] and `patches_<layer>` [B·M, T − 1, D or W]. Each sequence lists the tokens that it is made of, the class token
 * 0 first: all of them for features of the image, those of a window for its embedding. What no output needs is not computed: after the last block's attention often
 * nothing but the class token.
 *
 * @param features - What is computed. Value-value attention shares its projections with the ordinary attention.
 */
export function visionGraph(
  checkpoint: Checkpoint,
  config: ClipConfig,
  features: OnnxFeatures,
  precision: OnnxPrecision,
): OnnxGraph {
  const { layers, valueAttentionFrom = Number.POSITIVE_INFINITY, projectPatches } = features;
  const { embeddingWidth, vision } = config;
  const { width, layers: depth } = vision;
  const tower = new VisionLayers(checkpoint, config, precision);
  const { graph } = tower;
  const lastWanted = Math.max(0, ...layers);
  const hasValuePath = valueAttentionFrom <= lastWanted;

  let tokens = tower.embed();
  let valuePath: Value | undefined;
  for (let layer = 1; layer <= depth; layer++) {
    if (layer === valueAttentionFrom && hasValuePath) valuePath = tokens;
    if (layer > lastWanted) valuePath = undefined;
    const classTokenOnly = layer === depth && (valuePath !== undefined || lastWanted < depth);
    ({ tokens, valuePath } = tower.block(layer, tokens, valuePath, classTokenOnly));
    if (layers.includes(layer)) {
      const patches = tower.patches(valuePath ?? tokens);
      const output = projectPatches ? tower.project(patches) : patches;
      graph.output(patchOutput(layer), output, ['B', 'P', projectPatches ? embeddingWidth : width]);
    }
    if (layer === depth && !classTokenOnly) tokens = tower.classTokens(tokens);
  }
  graph.output('image', tower.project(tokens), ['B', embeddingWidth]);
  return graph;
}

/** ONNX's number for the type of whole numbers. */
const INT64 = 7;

/** The parts of the tower. Tokens are flattened to [B·N, W]; `unflattened` is [B, N, W] again. */
class VisionLayers extends OnnxLayers {
  private readonly width: number;
  private readonly projection: Value;
  private readonly flat: Value;
  /** [−1, T, W], T known when the graph runs. */
  private tokenShape: Value = '';

  constructor(
    checkpoint: Checkpoint,
    private readonly clip: ClipConfig,
    precision: OnnxPrecision,
  ) {
    super(checkpoint, clip, precision);
    this.width = clip.vision.width;
    this.projection = this.weight('visual.proj', this.width, clip.embeddingWidth);
    this.flat = this.graph.integers([-1, this.width]);
  }

  /** Class token, patches, positions, first layer norm. */
  embed(): Value {
    const { patchSize } = this.clip.vision;
    const images = this.graph.input('images', ['B', 'H', 'W', 3]);
    const positions = this.graph.input('positions', ['N', this.width]);
    const channelsFirst = this.add('Transpose', [images], { perm: [0, 3, 1, 2] });
    const filters = this.weight('visual.conv1.weight', this.width, 3, patchSize, patchSize);
    const convolved = this.add('Conv', [channelsFirst, filters], { strides: [patchSize, patchSize] });
    const channels = this.add('Reshape', [convolved, this.graph.integers([0, this.width, -1])]);
    const patches = this.add('Transpose', [channels], { perm: [0, 2, 1] });
    // The class token's place stays zero: its embedding comes with its position.
    const padded = this.add('Pad', [patches, this.graph.integers([0, 1, 0, 0, 0, 0])]);
    const sequences = this.add('Cast', [this.graph.input('sequences', ['M', 'T'])], { to: INT64 });
    const length = this.add('Gather', [this.add('Shape', [sequences]), this.graph.integers([1])]);
    const sides = [this.graph.integers([-1]), length, this.graph.integers([this.width])];
    this.tokenShape = this.add('Concat', sides, { axis: 0 });
    const chosen = this.add('Gather', [this.add('Add', [padded, positions]), sequences], { axis: 1 });
    return this.layerNorm(this.flattened(chosen), 'visual.ln_pre');
  }

  /**
   * One block: what it makes of the tokens, and of the value path where there is one.
   *
   * @param classTokenOnly - Whether of the ordinary tokens only the class token is wanted: [B, W].
   */
  block(
    layer: number,
    tokens: Value,
    valuePath: Value | undefined,
    classTokenOnly: boolean,
  ): { tokens: Value; valuePath: Value | undefined } {
    const name = `visual.transformer.resblocks.${layer - 1}`;
    const { width } = this;
    const { mlpWidth } = this.clip.vision;
    const wanted = (x: Value) => (classTokenOnly ? this.classTokens(x) : x);
    const projectOut = this.linear(`${name}.attn.out_proj.`, width, width);
    const widen = this.linear(`${name}.mlp.c_fc.`, width, mlpWidth);
    const narrow = this.linear(`${name}.mlp.c_proj.`, mlpWidth, width);

    const [queries, keys, values] = this.projections(name, tokens, classTokenOnly);
    const heard = projectOut(this.flattened(this.attention(queries, keys, values)));
    const attended = this.add('Add', [wanted(tokens), heard]);
    const mlp = narrow(this.activation(widen(this.layerNorm(attended, `${name}.ln_2`))));
    const nextTokens = this.add('Add', [attended, mlp]);
    if (valuePath === undefined) return { tokens: nextTokens, valuePath };
    const valueAttention = projectOut(this.flattened(this.attention(values, values, values)));
    return { tokens: nextTokens, valuePath: this.add('Add', [valuePath, valueAttention]) };
  }

  /** [B·N, W] → [B, P, W] */
  patches(tokens: Value): Value {
    return this.tokenRange(tokens, 1, 2 ** 31 - 1);
  }

  /** [B·N, W] → [B, W] */
  classTokens(tokens: Value): Value {
    return this.flattened(this.tokenRange(tokens, 0, 1));
  }

  /** Last layer norm and output projection, [..., W] → [..., D]. */
  project(tokens: Value): Value {
    return this.add('MatMul', [this.layerNorm(tokens, 'visual.ln_post'), this.projection]);
  }

  /** Queries, keys and values, [B, N, W] each; queries [B, 1, W] for the class token only. */
  private projections(name: string, tokens: Value, classTokenOnly: boolean): Value[] {
    const { width } = this;
    const normalised = this.layerNorm(tokens, `${name}.ln_1`);
    const project = (x: Value, first: number, end: number) =>
      this.linear(`${name}.attn.in_proj_`, width, 3 * width, [first * width, end * width])(x);
    const split = (x: Value, count: number) =>
      this.graph
        .add('Split', [x, this.graph.integers(new Array(count).fill(width))], { axis: 1 }, { outputs: count })
        .map((part) => this.add('Reshape', [part, this.tokenShape]));
    if (!classTokenOnly) return split(project(normalised, 0, 3), 3);
    const queries = project(this.classTokens(normalised), 0, 1);
    const oneToken = this.graph.integers([-1, 1, width]);
    return [this.add('Reshape', [queries, oneToken]), ...split(project(normalised, 1, 3), 2)];
  }

  private flattened(x: Value): Value {
    return this.add('Reshape', [x, this.flat]);
  }

  private tokenRange(tokens: Value, start: number, end: number): Value {
    const unflattened = this.add('Reshape', [tokens, this.tokenShape]);
    const range = [[start], [end], [1]].map((values) => this.graph.integers(values));
    return this.add('Slice', [unflattened, ...range]);
  }
}
