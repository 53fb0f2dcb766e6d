import { FormatError } from '../errors.js';
import { type ChannelValues, CLIP_MEAN, CLIP_STD } from '../image/index.js';

/** Shape of a vision transformer. */
export interface VisionConfig {
  /** Side of the square input in pixels that the position embeddings were trained for. */
  readonly imageSize: number;
  readonly patchSize: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly mlpWidth: number;
}

/** Shape of a text transformer. */
export interface TextConfig {
  /** Tokens, start and end included. */
  readonly contextLength: number;
  readonly vocabularySize: number;
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  readonly mlpWidth: number;
}

/** How images are made ready for the vision tower. */
export interface PreprocessConfig {
  /** Per channel, of values in [0, 1]. */
  readonly mean: ChannelValues;
  readonly std: ChannelValues;
  /** How the image becomes square, see `clipPreprocess`. */
  readonly resize: 'shortest' | 'squash';
}

/** Everything about a CLIP model but its weights. */
export interface ClipConfig {
  /** Length of both embeddings. */
  readonly embeddingWidth: number;
  readonly activation: 'gelu' | 'quick-gelu';
  readonly vision: VisionConfig;
  readonly text: TextConfig;
  readonly preprocess: PreprocessConfig;
}

/** The normalisation that OpenAI's CLIP and nearly all of OpenCLIP's were trained with. */
export const clipPreprocessing: PreprocessConfig = {
  mean: CLIP_MEAN,
  std: CLIP_STD,
  resize: 'shortest',
};

type Row = readonly [
  embeddingWidth: number,
  vision: readonly [imageSize: number, patchSize: number, width: number, layers: number, headWidth: number],
  text: readonly [width: number, layers: number, heads: number],
  /** Of the vision tower, over its width. */
  mlpRatio?: number,
];

const rows: Readonly<Record<string, Row>> = {
  'ViT-S-32': [384, [224, 32, 384, 12, 64], [384, 12, 6]],
  'ViT-S-16': [384, [224, 16, 384, 12, 64], [384, 12, 6]],
  'ViT-M-32': [512, [224, 32, 512, 12, 64], [512, 12, 8]],
  'ViT-M-16': [512, [224, 16, 512, 12, 64], [512, 12, 8]],
  'ViT-B-32': [512, [224, 32, 768, 12, 64], [512, 12, 8]],
  'ViT-B-32-256': [512, [256, 32, 768, 12, 64], [512, 12, 8]],
  'ViT-B-32-plus-256': [640, [256, 32, 896, 12, 64], [640, 12, 10]],
  'ViT-B-16': [512, [224, 16, 768, 12, 64], [512, 12, 8]],
  'ViT-B-16-plus': [640, [224, 16, 896, 12, 64], [640, 12, 10]],
  'ViT-B-16-plus-240': [640, [240, 16, 896, 12, 64], [640, 12, 10]],
  'ViT-L-16': [768, [224, 16, 1024, 24, 64], [768, 12, 12]],
  'ViT-L-16-320': [768, [320, 16, 1024, 24, 64], [768, 12, 12]],
  'ViT-L-14': [768, [224, 14, 1024, 24, 64], [768, 12, 12]],
  'ViT-L-14-280': [768, [280, 14, 1024, 24, 64], [768, 12, 12]],
  'ViT-L-14-336': [768, [336, 14, 1024, 24, 64], [768, 12, 12]],
  'ViT-H-16': [1024, [224, 16, 1280, 32, 80], [1024, 24, 16]],
  'ViT-H-14': [1024, [224, 14, 1280, 32, 80], [1024, 24, 16]],
  'ViT-H-14-378': [1024, [378, 14, 1280, 32, 80], [1024, 24, 16]],
  'ViT-g-14': [1024, [224, 14, 1408, 40, 88], [1024, 24, 16], 4.3637],
  'ViT-bigG-14': [1280, [224, 14, 1664, 48, 104], [1280, 32, 20], 4.9231],
};

/** Names that {@link clipConfig} knows; each also with `-quickgelu`, which OpenAI's weights need. */
export const clipModelNames: readonly string[] = Object.keys(rows).flatMap((name) => [
  name,
  `${name}-quickgelu`,
]);

/**
 * The configuration of an OpenCLIP model by its name.
 *
 * @throws {@link FormatError} for a name that is not in {@link clipModelNames}.
 */
export function clipConfig(name: string): ClipConfig {
  const row = rows[name.replace(/-quickgelu$/, '')];
  if (!row) {
    throw new FormatError(
      'CLIP configuration',
      `there is no model called ${JSON.stringify(name)}`,
      `use one of ${Object.keys(rows).join(', ')}, with or without -quickgelu, or parse its open_clip_config.json`,
    );
  }
  const [
    embeddingWidth,
    [imageSize, patchSize, width, layers, headWidth],
    [textWidth, textLayers, textHeads],
    mlpRatio = 4,
  ] = row;
  return {
    embeddingWidth,
    activation: name.endsWith('-quickgelu') ? 'quick-gelu' : 'gelu',
    vision: {
      imageSize,
      patchSize,
      width,
      layers,
      heads: width / headWidth,
      mlpWidth: Math.trunc(mlpRatio * width),
    },
    text: {
      contextLength: 77,
      vocabularySize: 49408,
      width: textWidth,
      layers: textLayers,
      heads: textHeads,
      mlpWidth: 4 * textWidth,
    },
    preprocess: clipPreprocessing,
  };
}
