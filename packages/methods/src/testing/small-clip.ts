import { type Clip, loadClip } from '@anomclip/core/clip';
import { createRng } from '@anomclip/core/random';
import { readSafetensors, type TensorToWrite, toFloat32, writeSafetensors } from '@anomclip/core/weights';
import { tinyClipFiles } from '../../../core/src/testing/tiny-clip.fixture.js';

/** Pixels along each side of its images: 4 × 4 patches of 4 × 4 pixels. */
export const SMALL_CLIP_SIZE = 16;

/** A CLIP with random weights, 4 × 4 patches and room for 24 tokens. Nothing it says means anything. */
export function smallClip(): Promise<Clip> {
  const files = tinyClipFiles((all) => {
    const configuration = JSON.parse(String(all['open_clip_config.json'])) as {
      model_cfg: { vision_cfg: object; text_cfg: object };
    };
    Object.assign(configuration.model_cfg.vision_cfg, { image_size: SMALL_CLIP_SIZE });
    Object.assign(configuration.model_cfg.text_cfg, { context_length: 24 });
    all['open_clip_config.json'] = JSON.stringify(configuration);
    const vocabulary = JSON.parse(String(all['vocabulary.json'])) as object;
    all['vocabulary.json'] = JSON.stringify({ ...vocabulary, context_length: 24 });
    const tensors: Record<string, TensorToWrite> = {};
    for (const [name, tensor] of readSafetensors(all['open_clip_model.safetensors'] as Uint8Array).tensors) {
      tensors[name] = { shape: [...tensor.shape], data: toFloat32(tensor) };
    }
    for (const [name, positions] of [
      ['visual.positional_embedding', 17],
      ['positional_embedding', 24],
    ] as const) {
      const rng = createRng(name);
      const width = tensors[name].shape[1];
      const data = Float32Array.from({ length: positions * width }, () => rng.normal(0, 0.3));
      tensors[name] = { shape: [positions, width], data };
    }
    all['open_clip_model.safetensors'] = writeSafetensors(tensors);
  });
  return loadClip(files);
}
