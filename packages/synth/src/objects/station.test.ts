import { createHash } from 'node:crypto';
import { createRng } from '@anomclip/core/random';
import { expect, test } from 'vitest';
import { defectTypesOf, objectCategories } from './categories.js';
import { scanObject } from './scan-object.js';
import { stations } from './station.js';

const size = { height: 128, width: 128 };

test('every category has a station of its own', () => {
  const seen = new Set(objectCategories.map((category) => JSON.stringify(stations[category])));
  expect(seen.size).toBe(objectCategories.length);
});

test('a station changes the picture and not the points', () => {
  const plain = scanObject('pretzel', createRng(1), size);
  const factory = scanObject('pretzel', createRng(1), { ...size, station: 'factory' });
  expect(factory.organised.xyz.data).toEqual(plain.organised.xyz.data);
  expect(factory.image.data).not.toEqual(plain.image.data);
});

test.each(['gasket', 'heat_sink', 'sponge'] as const)(
  'outside the mask the points of a %s keep their bits, and the picture all but shadows and blur',
  (category) => {
    const normal = scanObject(category, createRng(category), { ...size, station: 'factory' });
    for (const defect of defectTypesOf(category)) {
      const scan = scanObject(category, createRng(category), { ...size, station: 'factory', defect });
      const outside = [...scan.image.data.keys()].filter((i) => scan.mask.data[Math.floor(i / 3)] === 0);
      const points = outside.filter((i) => scan.organised.xyz.data[i] !== normal.organised.xyz.data[i]);
      const colours = outside.filter((i) => Math.abs(scan.image.data[i] - normal.image.data[i]) > 8);
      expect(points).toEqual([]);
      expect(colours.length).toBeLessThan(0.7 * (scan.image.data.length - outside.length));
    }
  },
);

test('a scan at every station has these bytes on every machine', () => {
  const hash = createHash('sha256');
  for (const category of objectCategories) {
    const options = { height: 48, width: 64, station: 'factory', defect: 'contamination' } as const;
    const { organised, image, mask } = scanObject(category, createRng('pinned'), options);
    for (const value of organised.xyz.data) hash.update(String(value)); // by value: the order of bytes is the machine's
    hash.update(image.data).update(mask.data);
  }
  // The offline benchmark is made of these: another hash is another version of it.
  expect(hash.digest('hex')).toBe('eeb759166057fe34b7eebf40fe46269e69f9e0895a770c097c5774cf52d61740');
});

test('a close lamp casts a shadow away from it', () => {
  const lamp = { ...stations.soap_bar.lamp, spread: 0 };
  const brightness = (towardsX: number) => {
    const station = { ...stations.soap_bar, lamp: { ...lamp, towards: [towardsX, 0, -1] as const } };
    const { image } = scanObject('soap_bar', createRng(4), { ...size, station });
    let [left, right] = [0, 0];
    for (let row = 54; row < 74; row++) {
      for (let column = 0; column < 64; column++) {
        left += image.get(row, column, 1);
        right += image.get(row, 127 - column, 1);
      }
    }
    return left / right;
  };
  expect(brightness(-0.8)).toBeGreaterThan(1.1 * brightness(0.8));
});

test('how plain a defect is, is measured: none for stains in depth, more of all with severity', () => {
  const measure = (defect: 'stain' | 'dent' | 'contamination', severity: number) => {
    const options = { ...size, station: 'factory', defect, severity } as const;
    const { defect: measures } = scanObject('coaster', createRng(5), options);
    if (!measures) throw new Error('a defect without measures');
    return measures;
  };
  expect(scanObject('coaster', createRng(5), size).defect).toBeUndefined();
  expect(measure('stain', 0.5)).toMatchObject({ severity: 0.5, depth: 0 });
  for (const defect of ['stain', 'dent', 'contamination'] as const) {
    const [faint, plain] = [measure(defect, 0), measure(defect, 1)];
    expect(plain.area).toBeGreaterThan(1.5 * faint.area);
    expect(plain.contrast).toBeGreaterThan(1.3 * faint.contrast);
  }
  expect(measure('dent', 1).depth).toBeCloseTo(0.004, 3);
  expect(measure('dent', 0).depth).toBeCloseTo(0.0006, 3);
});
