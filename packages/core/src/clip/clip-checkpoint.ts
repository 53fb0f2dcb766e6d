import { toFloat16 } from '../weights/to-float16.js';
import type { TensorToWrite } from '../weights/write-safetensors.js';
import type { ClipConfig } from './config.js';
import { transposed } from './transposed.js';

export interface ClipCheckpointOptions {
  /** @defaultValue 'F32' */
  dtype?: 'F32' | 'F16';
}

/**
 * The weights of towers that were loaded for training as OpenCLIP stores them: give them to `writeSafetensors` for an
 * `open_clip_model.safetensors`.
 *
 * @param parameters - Values by name, as `ModelState.save` gives them; linear layers are [in, out] there.
 */
export function clipCheckpoint(
  parameters: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>,
  { vision }: Pick<ClipConfig, 'vision'>,
  options: ClipCheckpointOptions = {},
): Map<string, TensorToWrite> {
  const { dtype = 'F32' } = options;
  const stored = [...parameters].map(([name, parameter]): [string, TensorToWrite] => {
    const { shape, data } = asStored(name, parameter, vision.patchSize);
    return [name, { dtype, shape, data: dtype === 'F16' ? toFloat16(data) : data }];
  });
  return new Map(stored);
}

type Values = { readonly shape: readonly number[]; readonly data: Float32Array };

/** What `WeightReader` has turned around, turned back. */
function asStored(name: string, { shape, data }: Values, patchSize: number): Values {
  const [rows, columns] = shape;
  if (/(in_proj_weight|(out_proj|c_fc|c_proj)\.weight)$/.test(name)) {
    return { shape: [columns, rows], data: transposed(data, rows, columns) };
  }
  if (name !== 'visual.conv1.weight') return { shape, data };
  // [p·p·3, W] → [W, p·p·3] → [W, 3, p·p]
  const kernels = transposed(data, rows, columns);
  const area = patchSize * patchSize;
  const planes = kernels.map((_, i) => {
    const [kernel, rest] = [Math.floor(i / rows), i % rows];
    return kernels[kernel * rows + (rest % area) * 3 + Math.floor(rest / area)];
  });
  return { shape: [columns, 3, patchSize, patchSize], data: planes };
}
