import { FormatError } from '../errors.js';
import type { ChannelValues } from '../image/index.js';
import { type ClipConfig, clipPreprocessing, type PreprocessConfig } from './config.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads `open_clip_config.json` (OpenCLIP folders) or `config.json` (Hugging Face CLIP folders).
 *
 * @param text - The file's content.
 * @param preprocessing - Content of Hugging Face's `preprocessor_config.json`, which holds mean and deviation.
 * @throws {@link FormatError} when the file describes something other than a CLIP with two transformers.
 */
export function parseClipConfig(text: string, preprocessing?: string): ClipConfig {
  const json = parse(text);
  const config =
    'model_cfg' in json ? fromOpenClip(json) : 'vision_config' in json ? fromHuggingFace(json) : undefined;
  if (!config) {
    throw problem(
      'it has neither model_cfg (OpenCLIP) nor vision_config (Hugging Face)',
      'is this the right file?',
    );
  }
  return preprocessing === undefined
    ? config
    : { ...config, preprocess: fromPreprocessor(parse(preprocessing)) };
}

function fromOpenClip(json: Json): ClipConfig {
  const model = section(json, 'model_cfg');
  const vision = section(model, 'vision_cfg');
  const text = section(model, 'text_cfg');
  if (typeof vision.layers !== 'number')
    throw problem('its vision tower is a ResNet', 'only vision transformers are supported');
  if ('timm_model_name' in vision || 'hf_model_name' in text) {
    throw problem(
      'its towers come from another library (timm or transformers)',
      "use a model with OpenCLIP's own towers",
    );
  }
  for (const option of ['attentional_pool', 'no_ln_pre', 'pos_embed_type', 'final_ln_after_pool'] as const) {
    if (vision[option]) throw problem(`vision_cfg.${option} is set`, 'this variant is not supported');
  }
  const width = positive(vision, 'width', 768);
  const textWidth = positive(text, 'width', 512);
  return checked({
    embeddingWidth: positive(model, 'embed_dim'),
    activation: model.quick_gelu === true ? 'quick-gelu' : 'gelu',
    vision: {
      imageSize: positive(vision, 'image_size', 224),
      patchSize: positive(vision, 'patch_size'),
      width,
      layers: positive(vision, 'layers'),
      heads: width / positive(vision, 'head_width', 64),
      mlpWidth: Math.round(width * positive(vision, 'mlp_ratio', 4)),
    },
    text: {
      contextLength: positive(text, 'context_length', 77),
      vocabularySize: positive(text, 'vocab_size', 49408),
      width: textWidth,
      layers: positive(text, 'layers', 12),
      heads: positive(text, 'heads', 8),
      mlpWidth: Math.round(textWidth * positive(text, 'mlp_ratio', 4)),
    },
    preprocess:
      'preprocess_cfg' in json
        ? preprocess(section(json, 'preprocess_cfg'), 'mean', 'std')
        : clipPreprocessing,
  });
}

function fromHuggingFace(json: Json): ClipConfig {
  const vision = section(json, 'vision_config');
  const text = section(json, 'text_config');
  const activation = vision.hidden_act ?? 'quick_gelu';
  if (activation !== 'gelu' && activation !== 'quick_gelu') {
    throw problem(
      `vision_config.hidden_act is ${JSON.stringify(activation)}`,
      'gelu and quick_gelu are supported',
    );
  }
  const width = positive(vision, 'hidden_size', 768);
  const textWidth = positive(text, 'hidden_size', 512);
  return checked({
    embeddingWidth: positive(json, 'projection_dim', 512),
    activation: activation === 'gelu' ? 'gelu' : 'quick-gelu',
    vision: {
      imageSize: positive(vision, 'image_size', 224),
      patchSize: positive(vision, 'patch_size', 32),
      width,
      layers: positive(vision, 'num_hidden_layers', 12),
      heads: positive(vision, 'num_attention_heads', 12),
      mlpWidth: positive(vision, 'intermediate_size', 3072),
    },
    text: {
      contextLength: positive(text, 'max_position_embeddings', 77),
      vocabularySize: positive(text, 'vocab_size', 49408),
      width: textWidth,
      layers: positive(text, 'num_hidden_layers', 12),
      heads: positive(text, 'num_attention_heads', 8),
      mlpWidth: positive(text, 'intermediate_size', 2048),
    },
    preprocess: clipPreprocessing,
  });
}

function fromPreprocessor(json: Json): PreprocessConfig {
  return preprocess(json, 'image_mean', 'image_std');
}

function preprocess(json: Json, meanKey: string, deviationKey: string): PreprocessConfig {
  const triple = (key: string, fallback: ChannelValues): ChannelValues => {
    const value = json[key] ?? fallback;
    if (Array.isArray(value) && value.length === 3 && value.every((entry) => Number.isFinite(entry))) {
      return [value[0], value[1], value[2]];
    }
    throw problem(`${key} is not three numbers`);
  };
  return {
    mean: triple(meanKey, clipPreprocessing.mean),
    std: triple(deviationKey, clipPreprocessing.std),
  };
}

/** Sizes that would make the towers fail in the middle are refused here, where the file can still be named. */
function checked(config: ClipConfig): ClipConfig {
  for (const [name, { width, heads }] of Object.entries({ vision: config.vision, text: config.text })) {
    if (!Number.isInteger(heads) || width % heads !== 0) {
      throw problem(`the ${name} tower's width ${width} cannot be split into ${heads} heads`);
    }
  }
  if (config.vision.imageSize % config.vision.patchSize !== 0) {
    throw problem(
      `patches of ${config.vision.patchSize} pixels do not tile an image of ${config.vision.imageSize}`,
    );
  }
  return config;
}

function parse(text: string): Json {
  try {
    const json: unknown = JSON.parse(text);
    if (json !== null && typeof json === 'object' && !Array.isArray(json)) return json as Json;
  } catch (cause) {
    throw problem(`it is not JSON (${(cause as Error).message})`);
  }
  throw problem('it is not a JSON object');
}

function section(json: Json, key: string): Json {
  const value = json[key];
  if (value === null || typeof value !== 'object') throw problem(`${key} is missing`);
  return value as Json;
}

function positive(json: Json, key: string, fallback?: number): number {
  const value = json[key] ?? fallback;
  if (typeof value === 'number' && value > 0 && value <= 1e6) return value;
  throw problem(`${key} is ${JSON.stringify(value)}, not a number from 1 to 1000000`);
}

function problem(what: string, hint?: string): FormatError {
  return new FormatError('CLIP configuration', what, hint);
}
