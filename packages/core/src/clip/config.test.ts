import { expect, test } from 'vitest';
import { FormatError } from '../errors.js';
import { type ClipConfig, clipConfig, clipModelNames } from './config.js';
import { inferClipConfig } from './infer-config.js';
import { parseClipConfig } from './parse-config.js';

test('the models of the papers have the published sizes', () => {
  expect(clipConfig('ViT-B-16-plus-240')).toMatchObject({
    embeddingWidth: 640,
    activation: 'gelu',
    vision: { imageSize: 240, patchSize: 16, width: 896, layers: 12, heads: 14, mlpWidth: 3584 },
    text: { contextLength: 77, vocabularySize: 49408, width: 640, layers: 12, heads: 10, mlpWidth: 2560 },
  });
  expect(clipConfig('ViT-L-14-336-quickgelu')).toMatchObject({
    embeddingWidth: 768,
    activation: 'quick-gelu',
    vision: { imageSize: 336, patchSize: 14, width: 1024, layers: 24, heads: 16, mlpWidth: 4096 },
  });
  for (const name of clipModelNames) {
    const { vision, text } = clipConfig(name);
    expect([
      vision.width % vision.heads,
      text.width % text.heads,
      vision.imageSize % vision.patchSize,
    ]).toEqual([0, 0, 0]);
  }
});

test('an unknown model is refused with the names that exist', () => {
  expect(() => clipConfig('ViT-XXL')).toThrow(
    /no model called "ViT-XXL"; use one of ViT-S-32, .* with or without -quickgelu/,
  );
});

test('an OpenCLIP configuration is read, with its defaults', () => {
  const config = parseClipConfig(
    '{"model_cfg": {"embed_dim": 512, "vision_cfg": {"layers": 12, "width": 768, "patch_size": 32}, "text_cfg": {}},' +
      ' "preprocess_cfg": {"mean": [0.5, 0.4, 0.3], "std": [0.2, 0.2, 0.1]}}',
  );
  expect(config).toEqual({
    ...clipConfig('ViT-B-32'),
    preprocess: { mean: [0.5, 0.4, 0.3], std: [0.2, 0.2, 0.1], resize: 'shortest' },
  });
});

test('a Hugging Face configuration is read', () => {
  const vision =
    '{"hidden_size": 1024, "image_size": 336, "patch_size": 14, "num_hidden_layers": 24, "num_attention_heads": 16, "intermediate_size": 4096}';
  const text =
    '{"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12, "intermediate_size": 3072}';
  const json = `{"projection_dim": 768, "vision_config": ${vision}, "text_config": ${text}}`;
  expect(parseClipConfig(json)).toEqual(clipConfig('ViT-L-14-336-quickgelu'));
});

test.each([
  ['{', /not JSON/],
  ['[]', /not a JSON object/],
  ['{}', /neither model_cfg .* nor vision_config/],
  ['{"model_cfg": {"vision_cfg": {"layers": [3, 4, 6, 3]}, "text_cfg": {}}}', /ResNet/],
  ['{"model_cfg": {"vision_cfg": {"layers": 2, "timm_model_name": "x"}, "text_cfg": {}}}', /another library/],
  [
    '{"model_cfg": {"vision_cfg": {"layers": 2, "ls_init_value": 1e-4}, "text_cfg": {}}}',
    /ls_init_value is 0.0001/,
  ],
  [
    '{"model_cfg": {"vision_cfg": {"layers": 2}, "text_cfg": {"pool_type": "last"}}}',
    /text_cfg.pool_type is "last"/,
  ],
  ['{"vision_config": {"hidden_act": "gelu"}, "text_config": {}}', /differ in hidden_act/],
  ['{"vision_config": {"layer_norm_eps": 1e-6}, "text_config": {}}', /layer_norm_eps is 0.000001/],
  ['{"model_cfg": {"embed_dim": -1, "vision_cfg": {"layers": 2}, "text_cfg": {}}}', /embed_dim is -1/],
  [
    '{"model_cfg": {"embed_dim": 8, "vision_cfg": {"layers": 2, "width": 100, "patch_size": 16}, "text_cfg": {}}}',
    /width 100 cannot be split/,
  ],
])('%s is refused', (text, message) => {
  expect(() => parseClipConfig(text)).toThrow(FormatError);
  expect(() => parseClipConfig(text)).toThrow(message);
});

test.each([
  ['{"resample": 2}', /resample is 2/],
  ['{"image_mean": [1, 2]}', /image_mean is not three numbers/],
])('the preprocessor %s is refused', (preprocessor, message) => {
  const json = '{"projection_dim": 512, "vision_config": {"image_size": 224}, "text_config": {}}';
  expect(() => parseClipConfig(json, preprocessor)).toThrow(FormatError);
  expect(() => parseClipConfig(json, preprocessor)).toThrow(message);
});

test.each(clipModelNames.filter((name) => name.endsWith('quickgelu')))(
  'the configuration of %s follows from the shapes of its weights',
  (name) => {
    const config = clipConfig(name);
    expect(inferClipConfig({ shapes: shapesOf(config), read: async () => new Float32Array(0) })).toEqual(
      config,
    );
  },
);

test('weights whose configuration cannot be inferred are refused with what is missing', () => {
  const infer = (change: (shapes: Map<string, readonly number[]>) => void) => () => {
    const shapes = shapesOf(clipConfig('ViT-B-32'));
    change(shapes);
    return inferClipConfig({ shapes, read: async () => new Float32Array(0) });
  };
  expect(infer((shapes) => shapes.delete('visual.conv1.weight'))).toThrow(/visual.conv1.weight is missing/);
  expect(infer((shapes) => shapes.set('visual.layer1.0.conv1.weight', [64, 64, 1, 1]))).toThrow(/ResNet/);
  expect(infer((shapes) => shapes.set('text_projection', [512]))).toThrow(
    /text_projection has shape \[512\]/,
  );
  expect(infer((shapes) => shapes.set('visual.positional_embedding', [51, 768]))).toThrow(/square grids/);
});

/** What a checkpoint of this configuration holds, as far as sizes follow from it. */
function shapesOf({ vision, text, embeddingWidth }: ClipConfig): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>([
    ['visual.conv1.weight', [vision.width, 3, vision.patchSize, vision.patchSize]],
    ['visual.positional_embedding', [(vision.imageSize / vision.patchSize) ** 2 + 1, vision.width]],
    ['token_embedding.weight', [text.vocabularySize, text.width]],
    ['positional_embedding', [text.contextLength, text.width]],
    ['text_projection', [text.width, embeddingWidth]],
  ]);
  for (const [prefix, tower] of [
    ['visual.transformer', vision],
    ['transformer', text],
  ] as const) {
    for (let i = 0; i < tower.layers; i++) {
      shapes.set(`${prefix}.resblocks.${i}.ln_1.weight`, [tower.width]);
      shapes.set(`${prefix}.resblocks.${i}.mlp.c_fc.weight`, [tower.mlpWidth, tower.width]);
    }
  }
  return shapes;
}
