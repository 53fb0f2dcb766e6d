/**
 * Whether a point of one run of `points` and a point of another are closer than √`squaredDistance`, strictly.
 * Both runs are reordered in place. Two boxes decide most cases; what they leave open is halved, nearer half
 * first, so that crowded runs with a gap just above the distance cost n log n and not n².
 *
 * @param points - xyz triples.
 * @param aStart - First point of run a; `aEnd` is one past its last. Neither run is empty.
 */
export function anyCloser(
  points: Float64Array,
  aStart: number,
  aEnd: number,
  bStart: number,
  bEnd: number,
  squaredDistance: number,
): boolean {
  if ((aEnd - aStart) * (bEnd - bStart) <= FEW_PAIRS) {
    return anyPairCloser(points, aStart, aEnd, bStart, bEnd, squaredDistance);
  }
  const a = new Float64Array(6);
  const b = new Float64Array(6);

  function search(aStart: number, aEnd: number, bStart: number, bEnd: number): boolean {
    if ((aEnd - aStart) * (bEnd - bStart) <= FEW_PAIRS) {
      return anyPairCloser(points, aStart, aEnd, bStart, bEnd, squaredDistance);
    }
    boundingBox(points, aStart, aEnd, a);
    boundingBox(points, bStart, bEnd, b);
    let nearest = 0;
    let farthest = 0;
    for (let axis = 0; axis < 3; axis++) {
      const gap = Math.max(a[axis] - b[axis + 3], 0, b[axis] - a[axis + 3]);
      const span = Math.max(a[axis + 3] - b[axis], b[axis + 3] - a[axis]);
      nearest += gap * gap;
      farthest += span * span;
    }
    if (nearest >= squaredDistance) return false;
    if (farthest < squaredDistance) return true;

    const axisA = widestAxis(a);
    const axisB = widestAxis(b);
    if (a[axisA + 3] - a[axisA] >= b[axisB + 3] - b[axisB]) {
      const cut = (a[axisA] + a[axisA + 3]) / 2;
      const nearBelow = b[axisA] + b[axisA + 3] < 2 * cut;
      const middle = partition(points, aStart, aEnd, axisA, cut);
      const below = () => search(aStart, middle, bStart, bEnd);
      const above = () => search(middle, aEnd, bStart, bEnd);
      return nearBelow ? below() || above() : above() || below();
    }
    return search(bStart, bEnd, aStart, aEnd);
  }
  return search(aStart, aEnd, bStart, bEnd);
}

/** Up to here comparing all pairs is faster than boxes. */
const FEW_PAIRS = 64;

function anyPairCloser(
  points: Float64Array,
  aStart: number,
  aEnd: number,
  bStart: number,
  bEnd: number,
  squaredDistance: number,
): boolean {
  for (let i = 3 * aStart; i < 3 * aEnd; i += 3) {
    for (let j = 3 * bStart; j < 3 * bEnd; j += 3) {
      const dx = points[i] - points[j];
      const dy = points[i + 1] - points[j + 1];
      const dz = points[i + 2] - points[j + 2];
      if (dx * dx + dy * dy + dz * dz < squaredDistance) return true;
    }
  }
  return false;
}

function boundingBox(points: Float64Array, start: number, end: number, box: Float64Array): void {
  box.fill(Infinity, 0, 3).fill(-Infinity, 3, 6);
  for (let i = 3 * start; i < 3 * end; i += 3) {
    for (let axis = 0; axis < 3; axis++) {
      const value = points[i + axis];
      if (value < box[axis]) box[axis] = value;
      if (value > box[axis + 3]) box[axis + 3] = value;
    }
  }
}

function widestAxis(box: Float64Array): number {
  let widest = 0;
  for (let axis = 1; axis < 3; axis++) {
    if (box[axis + 3] - box[axis] > box[widest + 3] - box[widest]) widest = axis;
  }
  return widest;
}

/** Moves the points below `cut` on `axis` to the front of the run; returns the first that is not below. */
function partition(points: Float64Array, start: number, end: number, axis: number, cut: number): number {
  let middle = start;
  for (let i = start; i < end; i++) {
    if (points[3 * i + axis] >= cut) continue;
    for (let k = 0; k < 3; k++) {
      const value = points[3 * i + k];
      points[3 * i + k] = points[3 * middle + k];
      points[3 * middle + k] = value;
    }
    middle++;
  }
  return middle;
}
