import { FormatError } from '../errors.js';
import { type ChannelValues, CLIP_MEAN, CLIP_STD } from '../image/index.js';
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
  refuse('vision_cfg', vision, visionVariants);
  refuse('text_cfg', text, textVariants);
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
      mlpWidth: Math.trunc(width * positive(vision, 'mlp_ratio', 4)),
    },
    text: {
      contextLength: positive(text, 'context_length', 77),
      vocabularySize: positive(text, 'vocab_size', 49408),
      width: textWidth,
      layers: positive(text, 'layers', 12),
      heads: positive(text, 'heads', 8),
      mlpWidth: Math.trunc(textWidth * positive(text, 'mlp_ratio', 4)),
    },
    preprocess:
      'preprocess_cfg' in json ? fromPreprocessing(section(json, 'preprocess_cfg')) : clipPreprocessing,
  });
}

/** Options that change the numbers; the values under which they do not. */
const visionVariants: Readonly<Record<string, unknown>> = {
  attentional_pool: false,
  no_ln_pre: false,
  pos_embed_type: 'learnable',
  final_ln_after_pool: false,
  pool_type: 'tok',
  global_average_pool: false,
  input_patchnorm: false,
  ls_init_value: undefined,
  act_kwargs: undefined,
  norm_kwargs: undefined,
};
const textVariants: Readonly<Record<string, unknown>> = {
  embed_cls: false,
  no_causal_mask: false,
  pool_type: 'argmax',
  proj_type: 'linear',
  proj_bias: false,
  final_ln_after_pool: false,
  ls_init_value: undefined,
  act_kwargs: undefined,
  norm_kwargs: undefined,
};

function refuse(name: string, section: Json, variants: Readonly<Record<string, unknown>>): void {
  for (const [option, supported] of Object.entries(variants)) {
    const value = section[option] ?? supported;
    if (value !== supported) {
      throw problem(`${name}.${option} is ${JSON.stringify(value)}`, 'this variant is not supported');
    }
  }
}

function fromHuggingFace(json: Json): ClipConfig {
  const vision = section(json, 'vision_config');
  const text = section(json, 'text_config');
  const { hidden_act: activation = 'quick_gelu' } = vision;
  if (activation !== 'gelu' && activation !== 'quick_gelu') {
    throw problem(
      `vision_config.hidden_act is ${JSON.stringify(activation)}`,
      'gelu and quick_gelu are supported',
    );
  }
  if ((text.hidden_act ?? 'quick_gelu') !== activation) {
    throw problem('its towers differ in hidden_act', 'one activation for both is supported');
  }
  for (const { layer_norm_eps: epsilon = 1e-5 } of [vision, text]) {
    if (epsilon !== 1e-5) throw problem(`layer_norm_eps is ${JSON.stringify(epsilon)}`, '1e-5 is supported');
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

function fromPreprocessing(json: Json): PreprocessConfig {
  const { interpolation = 'bicubic', resize_mode: resize = 'shortest' } = json;
  if (interpolation === 'bilinear')
    throw problem('it resizes with bilinear interpolation', 'bicubic is supported');
  if (resize !== 'shortest' && resize !== 'squash') {
    throw problem(`resize_mode is ${JSON.stringify(resize)}`, 'shortest and squash are supported');
  }
  return { mean: triple(json, 'mean', CLIP_MEAN), std: triple(json, 'std', CLIP_STD), resize };
}

function fromPreprocessor(json: Json): PreprocessConfig {
  if (json.resample !== undefined && json.resample !== 3) {
    throw problem(`resample is ${JSON.stringify(json.resample)}`, 'only 3, bicubic, is supported');
  }
  const resize = json.do_center_crop === false ? 'squash' : 'shortest';
  return { mean: triple(json, 'image_mean', CLIP_MEAN), std: triple(json, 'image_std', CLIP_STD), resize };
}

function triple(json: Json, key: string, fallback: ChannelValues): ChannelValues {
  const value = json[key] ?? fallback;
  if (Array.isArray(value) && value.length === 3 && value.every((entry) => Number.isFinite(entry))) {
    return [value[0], value[1], value[2]];
  }
  throw problem(`${key} is not three numbers`);
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
