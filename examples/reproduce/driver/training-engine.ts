import { compiledGradients } from '@anomclip/core/compiled';
import type { GradientSource } from '@anomclip/core/training';
import { onnxRuntime } from '../../shared/engines.js';
import type { SourceOptions } from './source-options.js';

/** What a fit of a cell gets its gradients from: with `--native` ONNX Runtime, else TensorFlow.js. */
export async function trainingEngine({
  encoder,
}: Pick<SourceOptions, 'encoder'>): Promise<{ readonly gradients?: GradientSource }> {
  return encoder === 'onnxruntime-node' ? { gradients: compiledGradients(await onnxRuntime()) } : {};
}
