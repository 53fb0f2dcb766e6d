/*
 * Sine and cosine by arithmetic alone. ECMAScript leaves the last bits of `Math.sin` to each engine; here a seed
 * must give the same scan everywhere.
 */

/** sin(2π · turns), within 1e-9. */
export function wave(turns: number): number {
  let x = turns - Math.round(turns);
  if (x > 0.25) x = 0.5 - x;
  else if (x < -0.25) x = -0.5 - x;
  const angle = 2 * Math.PI * x; // in [−π/2, π/2]
  const square = angle * angle;
  let sum = 1;
  for (let term = 15; term >= 3; term -= 2) sum = 1 - (sum * square) / (term * (term - 1));
  return angle * sum;
}

/** cos(2π · turns), within 1e-9. */
export function cosineWave(turns: number): number {
  return wave(turns + 0.25);
}
