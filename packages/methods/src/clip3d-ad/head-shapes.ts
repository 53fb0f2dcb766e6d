import type { Clip3dConfig, Clip3dSizes } from './config.js';
import { stagesOf } from './decoder.js';

/**
 * Shapes of what a detector has learned, by name: those of `initialImageHead` and of both adapted texts, without making any
 * of them.
 */
export function headShapes(config: Clip3dConfig, sizes: Clip3dSizes): Map<string, readonly number[]> {
  const { textWidth, views } = sizes;
  return new Map([
    ['text.class', [2, textWidth]],
    ['text.segmentation', [2, textWidth]],
    ...imageAdapter(config, textWidth),
    ...decoder(config, sizes),
    ...(views > 0 ? [...globalFusion(config, sizes), ...localFusion(config, sizes)] : []),
  ]);
}

type Shapes = (readonly [name: string, shape: readonly number[]])[];

function imageAdapter({ adapter }: Clip3dConfig, width: number): Shapes {
  switch (adapter) {
    case 'fsac':
      return [
        ...[0, 1].flatMap((i) => [
          ...linear(`image.mlps.${i}.fc1`, width, 4 * width),
          ...linear(`image.mlps.${i}.fc2`, 4 * width, width),
        ]),
        ...linear('image.linear', width, width),
      ];
    case 'clip-adapter': {
      const hidden = Math.max(1, Math.floor(width / 4));
      return [
        ['image.fc1.weight', [width, hidden]],
        ['image.fc2.weight', [hidden, width]],
      ];
    }
    case 'linear':
      return linear('image.linear', width, width);
  }
}

function decoder(config: Clip3dConfig, sizes: Clip3dSizes): Shapes {
  const { tokenWidth, textWidth, layers, headWidth } = sizes;
  const shapes: Shapes = [];
  if (config.c2fInputNorm === 'layernorm') {
    for (let i = 0; i < layers.length; i++) shapes.push(...layerNorm(`decoder.input_ln.${i}`, tokenWidth));
  }
  let width = layers.length * tokenWidth;
  const stages = stagesOf({ tokenWidth, textWidth, layers: layers.length }, { ...config, headWidth });
  for (const stage of stages) {
    if (stage.linear) shapes.push(...linear(stage.linear, width, stage.width));
    for (const name of stage.blocks) shapes.push(...block(name, stage.width));
    width = stage.width;
  }
  shapes.push(...layerNorm('decoder.ln', width));
  return width === textWidth ? shapes : [...shapes, ...linear('decoder.out', width, textWidth)];
}

function globalFusion({ globalFuse }: Clip3dConfig, { views, textWidth, seHidden }: Clip3dSizes): Shapes {
  return [
    ['global_fusion.w1.weight', [views, seHidden]],
    ['global_fusion.w2.weight', [seHidden, views]],
    ...linear('global_fusion.fc', globalFuse === 'concat' ? views * textWidth : textWidth, textWidth),
  ];
}

function localFusion({ viewEmbedding }: Clip3dConfig, { views, tokenWidth, textWidth }: Clip3dSizes): Shapes {
  return [
    ...block('local_fusion.block_1', tokenWidth),
    ...block('local_fusion.block_2', tokenWidth),
    ...layerNorm('local_fusion.ln', tokenWidth),
    ...linear('local_fusion.proj', tokenWidth, textWidth),
    ...(viewEmbedding ? [['local_fusion.view_embedding', [views, tokenWidth]] as const] : []),
  ];
}

function block(name: string, width: number): Shapes {
  return [
    ...layerNorm(`${name}.ln_1`, width),
    ...linear(`${name}.attn.in_proj`, width, 3 * width),
    ...linear(`${name}.attn.out_proj`, width, width),
    ...layerNorm(`${name}.ln_2`, width),
    ...linear(`${name}.fc`, width, 4 * width),
    ...linear(`${name}.proj`, 4 * width, width),
  ];
}

function linear(name: string, inputs: number, outputs: number): Shapes {
  return [
    [`${name}.weight`, [inputs, outputs]],
    [`${name}.bias`, [outputs]],
  ];
}

function layerNorm(name: string, width: number): Shapes {
  return [
    [`${name}.weight`, [width]],
    [`${name}.bias`, [width]],
  ];
}
