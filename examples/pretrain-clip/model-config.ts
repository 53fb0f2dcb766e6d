import { type ClipConfig, parseClipConfig } from '@anomclip/core/clip';
import { CONTEXT_LENGTH, createVocabulary } from './vocabulary.js';

/** Sizes that experiments vary. */
export interface ModelSize {
  /** Side of the images. */
  readonly side: number;
  readonly width: number;
  readonly layers: number;
}

/** The `open_clip_config.json` of the model. */
export function configFile({ side, width, layers }: ModelSize): object {
  const text_cfg = {
    context_length: CONTEXT_LENGTH,
    vocab_size: createVocabulary().end + 1,
    width: 96,
    heads: 3,
    layers: 2,
  };
  return {
    model_cfg: {
      embed_dim: 128,
      quick_gelu: true,
      vision_cfg: { image_size: side, layers, width, head_width: 32, patch_size: 8 },
      text_cfg,
    },
    preprocess_cfg: { mean: [0.48, 0.46, 0.41], std: [0.27, 0.26, 0.28] },
  };
}

export function modelConfig(size: ModelSize): ClipConfig {
  return parseClipConfig(JSON.stringify(configFile(size)));
}
