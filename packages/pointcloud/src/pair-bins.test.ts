import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binPair, degeneratePair } from './pair-bins.js';

type Triple = [number, number, number];
const cross = (a: Triple, b: Triple): Triple => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const dot = (a: Triple, b: Triple) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const times = (a: Triple, s: number): Triple => [a[0] * s, a[1] * s, a[2] * s];
const minus = (a: Triple, b: Triple): Triple => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const length = (a: Triple) => Math.sqrt(dot(a, a));

/** The angles as they are defined, by arc tangent. */
function features(p1: Triple, n1: Triple, p2: Triple, n2: Triple): Triple {
  let [from, to, line] = [n1, n2, minus(p2, p1)];
  if (length(line) === 0) return [0, 0, 0];
  const [a1, a2] = [dot(n1, line) / length(line), dot(n2, line) / length(line)];
  let f3 = a1;
  if (Math.abs(a1) < Math.abs(a2)) [from, to, line, f3] = [n2, n1, times(line, -1), -a2];
  let v = cross(line, from);
  if (length(v) === 0) return [0, 0, 0];
  const sine = length(v);
  v = [v[0] / sine, v[1] / sine, v[2] / sine];
  return [Math.atan2(dot(cross(from, v), to), dot(from, to)), dot(v, to), f3];
}

function binsOf([f1, f2, f3]: Triple): Triple {
  const clamp = (bin: number) => Math.min(10, Math.max(0, Math.floor(bin)));
  return [
    clamp((11 * (f1 + Math.PI)) / (2 * Math.PI)),
    11 + clamp((11 * (f2 + 1)) / 2),
    22 + clamp((11 * (f3 + 1)) / 2),
  ];
}

function unpack(bins: number): Triple {
  return [bins & 15, (bins >> 4) & 63, (bins >> 10) & 63];
}

function found(p1: Triple, n1: Triple, p2: Triple, n2: Triple): number {
  return binPair(Float64Array.of(...p1, ...p2), Float64Array.of(...n1, ...n2), 0, 1);
}

const number = fc.double({ min: -1, max: 1, noNaN: true });
const point = fc.tuple(number, number, number);
const normal = point.filter((p) => length(p) > 0.01).map((p) => times(p, 1 / length(p)));

test('comparing with the edges gives the bins of the angles', () => {
  fc.assert(
    fc.property(point, normal, point, normal, (p1, n1, p2, n2) => {
      fc.pre(length(minus(p1, p2)) > 1e-6);
      expect(unpack(found(p1, n1, p2, n2))).toEqual(binsOf(features(p1, n1, p2, n2)));
    }),
    { seed: 4, numRuns: 5000 },
  );
});

test('an angle next to an edge falls on the side where the formula puts it', () => {
  // Normals turned by f1 about y, points along x: f2 = 0, and the first normal is orthogonal to the line.
  for (let edge = -9; edge <= 9; edge += 2) {
    for (const nudge of [-1e-9, -1e-13, -4e-16, 0, 4e-16, 1e-13, 1e-9]) {
      const angle = (edge * Math.PI) / 11 + nudge;
      const n2: Triple = [Math.sin(angle), 0, Math.cos(angle)];
      const pair = [[0, 0, 0], [0, 0, 1], [1, 0, 0], n2] as [Triple, Triple, Triple, Triple];
      expect(unpack(found(...pair))).toEqual(binsOf(features(...pair)));
    }
  }
});

test('a pair worked by hand', () => {
  // The second normal is tilted by 30° along the line and 0.5 = a2 > a1 = 0, so the frame stands on it, d = −x,
  // f3 = −0.5 → ⌊5.5·0.5⌋ = 2; v = d × n2 = (0, c, 0)/c with c = cos 30° → f2 = v · n1 = 0 → 5; w = n2 × v = (−c, 0, ½),
  // w · n1 = ½, n2 · n1 = c → f1 = 30° → ⌊11·210/360⌋ = 6.
  const tilted: Triple = [0.5, 0, Math.sqrt(0.75)];
  expect(unpack(found([0, 0, 0], [0, 0, 1], [2, 0, 0], tilted))).toEqual([6, 11 + 5, 22 + 2]);
});

test('a pair without a frame falls into the middle bins and says so', () => {
  expect(found([1, 2, 3], [0, 0, 1], [1, 2, 3], [1, 0, 0])).toBe(degeneratePair);
  expect(found([0, 0, 0], [0, 0, 1], [0, 0, 5], [1, 0, 0])).toBe(degeneratePair);
  expect(unpack(degeneratePair)).toEqual([5, 16, 27]);
  expect(degeneratePair >> 16).toBe(1);
  expect(found([0, 0, 0], [0, 0, 1], [1, 0, 0], [0, 0, 1]) >> 16).toBe(0);
});
