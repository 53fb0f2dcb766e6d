/** The 36 points of `examplePoints` before they are rounded to float32. */
export function exactExamplePoints(): Float64Array {
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
  return Float64Array.from(points);
}
