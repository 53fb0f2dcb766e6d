/**
 * ln, exp and sine–cosine from additions, multiplications and divisions only. ECMAScript leaves the last bits of
 * `Math.log`, `Math.exp`, `Math.sin` and `Math.cos` to each engine; a seed must give the same normals everywhere.
 */

// ln 2 as its float32, so that k·LN2_HIGH is exact for every exponent k, and what that lacks.
const LN2_HIGH = 0.6931471824645996;
const LN2_LOW = -1.904654299957768e-9;

/** Natural logarithm of a positive, normal x; within 1 ulp or so. */
export function ln(x: number): number {
  let mantissa = x;
  let exponent = 0;
  while (mantissa < Math.SQRT1_2) {
    // Steps of 2^30 first: gamma variates of small shapes come close to the smallest numbers.
    const far = mantissa < 2 ** -30;
    mantissa *= far ? 2 ** 30 : 2;
    exponent -= far ? 30 : 1;
  }
  while (mantissa > Math.SQRT2) {
    const far = mantissa > 2 ** 30;
    mantissa *= far ? 2 ** -30 : 0.5;
    exponent += far ? 30 : 1;
  }
  // ln m = 2 artanh s with s = (m − 1)/(m + 1), |s| ≤ 0.1716: eleven terms reach 2^-56.
  const s = (mantissa - 1) / (mantissa + 1);
  const square = s * s;
  let tail = 0;
  for (let power = 21; power >= 3; power -= 2) tail = (tail + 1 / power) * square;
  return exponent * LN2_HIGH + (2 * s + (2 * s * tail + exponent * LN2_LOW));
}

/** e^x; 0 below −745, Infinity above 709.8. */
export function exp(x: number): number {
  if (x > 709.8) return Number.POSITIVE_INFINITY;
  if (x < -745.2) return 0;
  const exponent = Math.round(x / (LN2_HIGH + LN2_LOW));
  const rest = x - exponent * LN2_HIGH - exponent * LN2_LOW; // |rest| ≤ ln 2 / 2
  let sum = 1;
  for (let term = 15; term >= 1; term--) sum = 1 + (sum * rest) / term;
  // Two factors: 2^exponent alone would overflow or underflow one step too early.
  const half = exponent >> 1;
  return sum * powerOfTwo(half) * powerOfTwo(exponent - half);
}

/** [cos, sin] of a whole number of turns: the angle is 2π·turns, 0 ≤ turns < 1. */
export function cosSinOfTurns(turns: number): [cos: number, sin: number] {
  const quarter = Math.floor(4 * turns + 0.5);
  const angle = (4 * turns - quarter) * (Math.PI / 2); // |angle| ≤ π/4; the subtraction is exact
  const square = angle * angle;
  let cos = 1;
  for (let term = 18; term >= 2; term -= 2) cos = 1 - (cos * square) / (term * (term - 1));
  let sin = 1;
  for (let term = 19; term >= 3; term -= 2) sin = 1 - (sin * square) / (term * (term - 1));
  sin *= angle;
  switch (quarter & 3) {
    case 0:
      return [cos, sin];
    case 1:
      return [-sin, cos];
    case 2:
      return [-cos, -sin];
    default:
      return [sin, -cos];
  }
}

/** Exact, which `2 ** n` need not be; −1022 ≤ n ≤ 1023. */
function powerOfTwo(n: number): number {
  let power = 1;
  const step = n < 0 ? 0.5 : 2;
  let square = step;
  for (let bits = Math.abs(n); bits > 0; bits >>= 1) {
    if (bits & 1) power *= square;
    square *= square;
  }
  return power;
}
