import { expect, test } from 'vitest';
import { quantised } from './quantised.js';

test('every weight is within half a step of its scale, and the matrix is transposed', () => {
  const [outputs, inputs] = [70, 3];
  const weights = Float32Array.from({ length: outputs * inputs }, (_, i) => Math.sin(i) * (1 + (i % 7)));
  const { values, scales } = quantised(weights, outputs, inputs);
  for (let output = 0; output < outputs; output++) {
    const row = weights.subarray(output * inputs, (output + 1) * inputs);
    expect(scales[output]).toBeCloseTo(Math.max(...row.map(Math.abs)) / 127, 6);
    for (let input = 0; input < inputs; input++) {
      const restored = values[input * outputs + output] * scales[output];
      expect(Math.abs(restored - row[input])).toBeLessThanOrEqual(0.5001 * scales[output]);
    }
  }
});

test('an output whose weights are all zero stays zero', () => {
  const { values, scales } = quantised(new Float32Array(4), 2, 2);
  expect([...values, ...scales]).toEqual([0, 0, 0, 0, 1, 1]);
});
