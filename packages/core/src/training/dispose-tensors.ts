import * as tf from '@tensorflow/tfjs';

/**
 * Frees the tensors in a value: itself, or in arrays, maps and plain objects however deep. Variables, typed arrays and
 * instances of other classes are left alone. (`tf.dispose` would walk through typed arrays number by number.)
 */
export function disposeTensors(value: unknown): void {
  if (value instanceof tf.Variable) return;
  if (value instanceof tf.Tensor) value.dispose();
  else if (Array.isArray(value)) value.forEach(disposeTensors);
  else if (value instanceof Map) [...value.values()].forEach(disposeTensors);
  else if (isPlainObject(value)) Object.values(value).forEach(disposeTensors);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
