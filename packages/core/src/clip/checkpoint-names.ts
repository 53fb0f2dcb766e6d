import { ArgumentError } from '../errors.js';
import type { Checkpoint } from '../weights/checkpoint.js';
import { transposed } from './transposed.js';

/**
 * Presents a CLIP checkpoint under OpenCLIP's names, whatever saved it: OpenCLIP and OpenAI (as they are), training
 * checkpoints (`module.` in front), and Hugging Face's CLIP (`vision_model.…`, queries, keys and values apart).
 */
export function withOpenClipNames(checkpoint: Checkpoint): Checkpoint {
  const parts = new Map<string, readonly string[]>();
  for (const name of checkpoint.shapes.keys()) {
    const plain = name.replace(/^(module|state_dict|model)\./, '').replace(/^module\./, '');
    const target = fromHuggingFace(plain);
    if (target === undefined) {
      parts.set(plain, [name]);
    } else if (/\.q_proj\./.test(plain)) {
      parts.set(
        target,
        ['q', 'k', 'v'].map((part) => name.replace('.q_proj.', `.${part}_proj.`)),
      );
    } else if (!/\.[kv]_proj\./.test(plain)) {
      parts.set(target, [name]);
    }
  }
  const shapes = new Map<string, readonly number[]>();
  for (const [name, sources] of parts) {
    const shape = checkpoint.shapes.get(sources[0]) ?? [];
    const isTransposed = transposedByHuggingFace.has(name) && sources[0].endsWith('_projection.weight');
    const stacked = [shape[0] * sources.length, ...shape.slice(1)];
    shapes.set(name, sources.length > 1 ? stacked : isTransposed ? [...shape].reverse() : shape);
  }
  return {
    shapes,
    async read(name) {
      const sources = parts.get(name);
      if (!sources) throw new ArgumentError('checkpoint', 'the name of a weight in the file', name);
      if (sources.length === 1) {
        const values = await checkpoint.read(sources[0]);
        const stored = checkpoint.shapes.get(sources[0]) ?? [];
        return shapes.get(name) === stored ? values : transposed(values, stored[0], stored[1]);
      }
      const values = await Promise.all(sources.map((source) => checkpoint.read(source)));
      const stacked = new Float32Array(values.reduce((length, part) => length + part.length, 0));
      let next = 0;
      for (const part of values) {
        stacked.set(part, next);
        next += part.length;
      }
      return stacked;
    },
  };
}

/** Hugging Face keeps these as linear layers, [out, in]; OpenCLIP as matrices to multiply with, [in, out]. */
const transposedByHuggingFace = new Set(['visual.proj', 'text_projection']);

const fixedNames: Readonly<Record<string, string>> = {
  'vision_model.embeddings.class_embedding': 'visual.class_embedding',
  'vision_model.embeddings.patch_embedding.weight': 'visual.conv1.weight',
  'vision_model.embeddings.position_embedding.weight': 'visual.positional_embedding',
  'visual_projection.weight': 'visual.proj',
  'text_model.embeddings.token_embedding.weight': 'token_embedding.weight',
  'text_model.embeddings.position_embedding.weight': 'positional_embedding',
  'text_projection.weight': 'text_projection',
};

/** OpenCLIP's name of a Hugging Face weight; undefined for names of anyone else. */
function fromHuggingFace(name: string): string | undefined {
  if (name in fixedNames) return fixedNames[name];
  const [, tower, rest] = /^(vision|text)_model\.(.+)$/.exec(name) ?? [];
  if (!tower) return undefined;
  const prefix = tower === 'vision' ? 'visual.' : '';
  return (
    prefix +
    rest
      .replace(/^pre_layrnorm\./, 'ln_pre.') // the spelling of the files
      .replace(/^post_layernorm\./, 'ln_post.')
      .replace(/^final_layer_norm\./, 'ln_final.')
      .replace(/^encoder\.layers\.(\d+)\./, 'transformer.resblocks.$1.')
      .replace('.layer_norm1.', '.ln_1.')
      .replace('.layer_norm2.', '.ln_2.')
      .replace(/\.self_attn\.[qkv]_proj\.(weight|bias)$/, '.attn.in_proj_$1')
      .replace('.self_attn.out_proj.', '.attn.out_proj.')
      .replace('.mlp.fc1.', '.mlp.c_fc.')
      .replace('.mlp.fc2.', '.mlp.c_proj.')
  );
}
