import { expect, test } from 'vitest';
import { illuminate, incidence } from './lighting.js';

const straightDown = { u: 0, v: 0, w: 1, du: 0, dv: 0, dw: -1 };

function lit(light: number[], slopeU: number, slopeV: number, openness = 1): number[] {
  const out = new Float64Array(3);
  illuminate(out, light, straightDown, slopeU, slopeV, openness);
  return [out[0] + out[1], out[2]];
}

test('an open surface that faces lamp and eye has its full colour and the full highlight', () => {
  const [factor, highlight] = lit([0, 0, 1], 0, 0);
  expect(factor).toBeCloseTo(1, 12);
  expect(highlight).toBeCloseTo(0.5, 12);
});

test('a surface that rises towards the lamp is darker than one that falls towards it', () => {
  const lampOnTheRight = [0.6, 0, 0.8];
  const [risingToTheRight] = lit(lampOnTheRight, 0.5, 0);
  const [fallingToTheRight] = lit(lampOnTheRight, -0.5, 0);
  expect(fallingToTheRight).toBeGreaterThan(risingToTheRight + 0.2);
  // Normal (0.5, 0, 1)/√1.25 · (0.6, 0, 0.8) = 1.1/√1.25.
  expect(fallingToTheRight).toBeCloseTo(0.38 + (0.62 * 1.1) / Math.sqrt(1.25), 12);
});

test('both slopes matter alike, and a surface turned away gets ambient light only', () => {
  expect(lit([0, 0.6, 0.8], 0, -0.5)).toEqual(lit([0.6, 0, 0.8], -0.5, 0));
  expect(lit([0.8, 0, 0.6], 3, 0)[0]).toBeCloseTo(0.38, 12);
});

test('hollows are darker', () => {
  expect(lit([0, 0, 1], 0, 0, 0.5)[0]).toBeLessThan(lit([0, 0, 1], 0, 0, 1)[0]);
});

test('incidence is the cosine between the ray and the normal, per slope', () => {
  // Down to the right onto a surface that rises to the right by 45°: straight on. Falling by 45°: along it.
  const slanted = { u: 0, v: 0, w: 1, du: 1, dv: 0, dw: -1 };
  expect(incidence(slanted, 1, 0)).toBeCloseTo(1, 12);
  expect(incidence(slanted, -1, 0)).toBeCloseTo(0, 12);
  expect(incidence({ ...slanted, du: 0, dv: 1 }, 0, 1)).toBeCloseTo(1, 12);
  expect(incidence({ ...slanted, du: 0, dv: 1 }, 0, -1)).toBeCloseTo(0, 12);
  expect(incidence(straightDown, 2, 0)).toBeCloseTo(1 / Math.sqrt(5), 12);
});
