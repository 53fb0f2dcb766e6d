import { expect, test } from 'vitest';
import { cosineWave, wave } from './wave.js';

test('wave and cosineWave are sine and cosine of turns', () => {
  for (let turns = -3; turns <= 3; turns += 0.01) {
    expect(Math.abs(wave(turns) - Math.sin(2 * Math.PI * turns))).toBeLessThan(1e-9);
    expect(Math.abs(cosineWave(turns) - Math.cos(2 * Math.PI * turns))).toBeLessThan(1e-9);
  }
});
