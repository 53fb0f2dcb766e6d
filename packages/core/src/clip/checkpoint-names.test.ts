import { expect, test } from 'vitest';
import { safetensorsCheckpoint } from '../weights/index.js';
import { withOpenClipNames } from './checkpoint-names.js';

function checkpoint(tensors: Record<string, readonly number[]>, first = 0) {
  let next = first;
  return safetensorsCheckpoint({
    metadata: {},
    tensors: new Map(
      Object.entries(tensors).map(([name, shape]) => {
        const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next++);
        return [name, { dtype: 'F32' as const, shape, data }];
      }),
    ),
  });
}

test('names of a training checkpoint lose what the trainer put in front', async () => {
  const named = withOpenClipNames(
    checkpoint({ 'module.visual.class_embedding': [3], 'state_dict.module.ln_final.bias': [2] }),
  );
  expect([...named.shapes]).toEqual([
    ['visual.class_embedding', [3]],
    ['ln_final.bias', [2]],
  ]);
  expect([...(await named.read('ln_final.bias'))]).toEqual([3, 4]);
});

test("Hugging Face's queries, keys and values are stacked in this order", async () => {
  const layer = 'vision_model.encoder.layers.3.self_attn';
  const named = withOpenClipNames(
    checkpoint({
      [`${layer}.k_proj.weight`]: [1, 2],
      [`${layer}.v_proj.weight`]: [1, 2],
      [`${layer}.q_proj.weight`]: [1, 2],
    }),
  );
  expect([...named.shapes]).toEqual([['visual.transformer.resblocks.3.attn.in_proj_weight', [3, 2]]]);
  expect([...(await named.read('visual.transformer.resblocks.3.attn.in_proj_weight'))]).toEqual([
    4, 5, 0, 1, 2, 3,
  ]);
});

test("Hugging Face's projections are transposed", async () => {
  const named = withOpenClipNames(checkpoint({ 'visual_projection.weight': [2, 3] }));
  expect(named.shapes.get('visual.proj')).toEqual([3, 2]);
  expect([...(await named.read('visual.proj'))]).toEqual([0, 3, 1, 4, 2, 5]);
});

test.each([
  ['vision_model.pre_layrnorm.weight', 'visual.ln_pre.weight'],
  ['vision_model.post_layernorm.bias', 'visual.ln_post.bias'],
  ['text_model.final_layer_norm.weight', 'ln_final.weight'],
  ['text_model.encoder.layers.0.mlp.fc1.weight', 'transformer.resblocks.0.mlp.c_fc.weight'],
  ['text_model.encoder.layers.11.layer_norm2.bias', 'transformer.resblocks.11.ln_2.bias'],
  ['text_model.embeddings.token_embedding.weight', 'token_embedding.weight'],
])('%s is %s', (theirs, ours) => {
  expect([...withOpenClipNames(checkpoint({ [theirs]: [2] })).shapes.keys()]).toEqual([ours]);
});

test('a name that is not in the file is refused', async () => {
  await expect(withOpenClipNames(checkpoint({ a: [1] })).read('b')).rejects.toThrow(
    /a weight in the file, got "b"/,
  );
});
