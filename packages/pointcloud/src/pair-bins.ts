/** Bins per angle. */
export const binsPerAngle = 11;

/** What {@link binPair} returns for a pair that spans no frame: the bins of (0, 0, 0), and bit 16. */
export const degeneratePair = 5 | (16 << 4) | (27 << 10) | (1 << 16);

/**
 * The bins of a pair of points for the three angles between their normals and the line that joins them
 * (Rusu et al. 2009, Eq. 1), packed into one number:
 * `bins & 15` is 0…10, `(bins >> 4) & 63` is 11…21, `(bins >> 10) & 63` is 22…32, `bins >> 16` is 1 for a degenerate
 * pair: equal points, or a normal along the line.
 *
 * @param points - xyz triples
 * @param normals - xyz triples of unit length
 * @param first - index of the first point
 * @param second - index of the second point; swapping the two changes nothing unless both normals are equally steep.
 */
export function binPair(points: Float64Array, normals: Float64Array, first: number, second: number): number {
  let dx = points[3 * second] - points[3 * first];
  let dy = points[3 * second + 1] - points[3 * first + 1];
  let dz = points[3 * second + 2] - points[3 * first + 2];
  const length = Math.sqrt(dx * dx + dy * dy + dz * dz);
  if (length === 0) return degeneratePair;

  // The frame stands on the normal that is closer to the line, and the line points away from there.
  const alongFirst =
    (normals[3 * first] * dx + normals[3 * first + 1] * dy + normals[3 * first + 2] * dz) / length;
  const alongSecond =
    (normals[3 * second] * dx + normals[3 * second + 1] * dy + normals[3 * second + 2] * dz) / length;
  const swapped = Math.abs(alongFirst) < Math.abs(alongSecond);
  const from = 3 * (swapped ? second : first);
  const to = 3 * (swapped ? first : second);
  const sign = swapped ? -1 : 1;
  dx *= sign;
  dy *= sign;
  dz *= sign;
  const ax = normals[from];
  const ay = normals[from + 1];
  const az = normals[from + 2];
  const bx = normals[to];
  const by = normals[to + 1];
  const bz = normals[to + 2];

  // v = d × a, made a unit vector, and w = a × v.
  let vx = dy * az - dz * ay;
  let vy = dz * ax - dx * az;
  let vz = dx * ay - dy * ax;
  const sine = Math.sqrt(vx * vx + vy * vy + vz * vz);
  if (sine === 0) return degeneratePair;
  vx /= sine;
  vy /= sine;
  vz /= sine;
  const wx = ay * vz - az * vy;
  const wy = az * vx - ax * vz;
  const wz = ax * vy - ay * vx;

  const bin1 = angleBin(wx * bx + wy * by + wz * bz, ax * bx + ay * by + az * bz);
  const bin2 = cosineBin(vx * bx + vy * by + vz * bz);
  const bin3 = cosineBin(swapped ? -alongSecond : alongFirst);
  return bin1 | ((binsPerAngle + bin2) << 4) | ((2 * binsPerAngle + bin3) << 10);
}

/** Bin of a value in [−1, 1]; rounding may take it a little outside. (Truncating differs from flooring only below 0.) */
function cosineBin(value: number): number {
  const bin = (0.5 * binsPerAngle * (value + 1)) | 0;
  return Math.max(0, Math.min(10, bin));
}

/**
 * Bin of the angle atan2(y, x) in [−π, π], found by comparing with the edges between the bins: |angle| ≥ e exactly if
 * |y| cos e − x sin e ≥ 0. Rounding could decide this differently from the formula with atan2 only within about 1e-15
 * of an edge; within 1e-12 the formula itself is used, so the bin is always the formula's.
 */
function angleBin(y: number, x: number): number {
  const height = Math.abs(y);
  const tolerance = 1e-12 * (height + Math.abs(x));
  let edges = 0;
  while (edges < 5) {
    const beyond = height * edgeCosines[edges] - x * edgeSines[edges];
    if (beyond < -tolerance) break;
    if (beyond <= tolerance) return angleBinByFormula(y, x);
    edges++;
  }
  if (edges === 5 && y === 0) return angleBinByFormula(y, x); // −π or π, as the sign of the zero says
  return y < 0 ? 5 - edges : 5 + edges;
}

function angleBinByFormula(y: number, x: number): number {
  const bin = Math.floor((binsPerAngle * (Math.atan2(y, x) + Math.PI)) / (2 * Math.PI));
  return Math.min(10, bin);
}

/** The edges between the bins 5 to 10, at π/11, 3π/11, …, 9π/11; those below mirror them. */
const edgeCosines = /* @__PURE__ */ Float64Array.from({ length: 5 }, (_, i) =>
  Math.cos(((2 * i + 1) * Math.PI) / 11),
);
const edgeSines = /* @__PURE__ */ Float64Array.from({ length: 5 }, (_, i) =>
  Math.sin(((2 * i + 1) * Math.PI) / 11),
);
