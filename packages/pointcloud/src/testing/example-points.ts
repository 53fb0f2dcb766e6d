/** 36 points, index 6i + j: a rippled 6 × 6 patch about half a metre away, whose results are worked out elsewhere. */
export function examplePoints(): Float32Array {
  const points: number[] = [];
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) {
      points.push(
        0.01 * i + 0.001 * Math.sin(3 * i + 5 * j + 1),
        0.01 * j + 0.001 * Math.cos(2 * i - 7 * j + 2),
        0.5 + 0.004 * Math.sin(1.3 * i) * Math.cos(0.9 * j) + 0.002 * i,
      );
    }
  }
  return Float32Array.from(points);
}
