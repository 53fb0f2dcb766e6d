/** Columns that are written together while transposing: their rows of the result stay in the cache. */
const TILE = 64;

/**
 * Weights as 8-bit whole numbers with one scale per output: weight ≈ scale · value.
 *
 * @param weights - [outputs, inputs]
 * @returns `values` [inputs, outputs] in −127…127, as the runtime's quantised product wants them, and `scales` [outputs].
 */
export function quantised(
  weights: Float32Array,
  outputs: number,
  inputs: number,
): { values: Int8Array; scales: Float32Array } {
  const values = new Int8Array(weights.length);
  const scales = new Float32Array(outputs);
  for (let output = 0; output < outputs; output++) {
    let largest = 0;
    for (let i = output * inputs; i < (output + 1) * inputs; i++) {
      largest = Math.max(largest, Math.abs(weights[i]));
    }
    scales[output] = largest > 0 ? largest / 127 : 1;
  }
  for (let left = 0; left < outputs; left += TILE) {
    const right = Math.min(left + TILE, outputs);
    for (let input = 0; input < inputs; input++) {
      for (let output = left; output < right; output++) {
        values[input * outputs + output] = Math.round(weights[output * inputs + input] / scales[output]);
      }
    }
  }
  return { values, scales };
}
