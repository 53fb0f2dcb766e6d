import { FormatError } from '../errors.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { type ClipConfig, clipConfig, clipModelNames, clipPreprocessing } from './config.js';

export interface InferClipConfigOptions {
  /** Not in the weights. @defaultValue 'quick-gelu', as OpenAI's models were trained */
  activation?: 'gelu' | 'quick-gelu';
  /**
   * Width of an attention head, which is not in the weights either.
   * @defaultValue that of the named model with the same sizes, else 64
   */
  headWidth?: number;
}

/**
 * The configuration of a checkpoint that carries none, as OpenAI's do, from the shapes of its weights.
 *
 * @param checkpoint - With OpenCLIP's names: see `withOpenClipNames`.
 * @throws {@link FormatError} when the weights are not those of a CLIP with two transformers.
 */
export function inferClipConfig(checkpoint: Checkpoint, options: InferClipConfigOptions = {}): ClipConfig {
  const { activation = 'quick-gelu', headWidth } = options;
  const { shapes } = checkpoint;
  if ([...shapes.keys()].some((name) => name.startsWith('visual.layer1.'))) {
    throw problem('its vision tower is a ResNet', 'only vision transformers are supported');
  }
  const shape = (name: string, rank: number): readonly number[] => {
    const found = shapes.get(name);
    if (found?.length === rank) return found;
    const some = [...shapes.keys()].slice(0, 5).join(', ');
    const what = found ? `${name} has shape [${found.join(', ')}]` : `${name} is missing`;
    throw problem(`${what}; the file holds ${some}, …`, 'are these the weights of a CLIP?');
  };
  const tower = (prefix: string, width: number) => ({
    width,
    layers: countBlocks(shapes, prefix),
    heads: width / (headWidth ?? 64),
    mlpWidth: shape(`${prefix}.resblocks.0.mlp.c_fc.weight`, 2)[0],
  });

  const [width, , patchSize] = shape('visual.conv1.weight', 4);
  const side = Math.sqrt(shape('visual.positional_embedding', 2)[0] - 1);
  const [vocabularySize] = shape('token_embedding.weight', 2);
  const [contextLength, textWidth] = shape('positional_embedding', 2);
  const config: ClipConfig = {
    embeddingWidth: shape('text_projection', 2)[1],
    activation,
    vision: { imageSize: side * patchSize, patchSize, ...tower('visual.transformer', width) },
    text: { contextLength, vocabularySize, ...tower('transformer', textWidth) },
    preprocess: clipPreprocessing,
  };
  const result = headWidth === undefined ? withKnownHeads(config) : config;
  if (
    !Number.isInteger(side) ||
    !Number.isInteger(result.vision.heads) ||
    !Number.isInteger(result.text.heads)
  ) {
    const widths = `${width} and ${textWidth}`;
    throw problem(
      `towers of width ${widths} with ${side ** 2} patches cannot be split into square grids and heads of ${headWidth ?? 64}`,
      'pass the configuration, or headWidth',
    );
  }
  return result;
}

function countBlocks(shapes: ReadonlyMap<string, unknown>, prefix: string): number {
  let count = 0;
  while (shapes.has(`${prefix}.resblocks.${count}.ln_1.weight`)) count++;
  return count;
}

/** A few large models have wider heads than 64, which no shape tells. */
function withKnownHeads(config: ClipConfig): ClipConfig {
  const sizes = ({ vision, text }: ClipConfig) =>
    [vision.width, vision.layers, vision.mlpWidth, text.width, text.layers].join();
  const known = clipModelNames.map(clipConfig).find((named) => sizes(named) === sizes(config));
  if (!known) return config;
  return {
    ...config,
    vision: { ...config.vision, heads: known.vision.heads },
    text: { ...config.text, heads: known.text.heads },
  };
}

function problem(what: string, hint: string): FormatError {
  return new FormatError('CLIP weights', what, hint);
}
