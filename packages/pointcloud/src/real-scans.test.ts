import { readFileSync } from 'node:fs';
import { contiguous } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { describe, expect, test } from 'vitest';
import { removeBackground } from './background.js';
import { dbscan, NOISE } from './clusters.js';
import { readPcd } from './io/index.js';
import { toOrganised, toUnorganised } from './organised.js';
import { ransacPlane, removePlane } from './plane.js';
import { sharedFile } from './testing/golden.js';

/** RGB-D scans of two boxes on a table, labelled by hand: 1 is the table, 20 and 30 are the boxes. */
describe.each([
  ['learn0', 20],
  ['learn12', 20],
])('the scan %s (skipped without ../shared)', (name, largestBox) => {
  const path = sharedFile(`data/rgbd/${name}.pcd`);

  function readScan() {
    if (!path) throw new Error('no scan');
    const { organised, image, labelGrid } = readPcd(readFileSync(path));
    if (!organised || !image || !labelGrid) throw new Error('no grid');
    return { organised, image, labels: contiguous(labelGrid) };
  }

  test.skipIf(!path)('RANSAC finds the table', () => {
    const { organised, labels } = readScan();
    const { positions, index } = toUnorganised(organised);
    const found = ransacPlane(positions, { threshold: 0.01, rng: createRng(0) });
    const onPlane = Array.from(found?.inliers ?? [], (row) => labels[index[row]]);
    const tablePoints = index.filter((pixel) => labels[pixel] === 1).length;
    const tableOnPlane = onPlane.filter((label) => label === 1).length;
    expect(tableOnPlane / tablePoints).toBeGreaterThan(0.99);
    expect(tableOnPlane / onPlane.length).toBeGreaterThan(0.99);
  });

  test.skipIf(!path)('DBSCAN separates the boxes that stand on it: every cluster is one of them', () => {
    const { organised, labels } = readScan();
    const { positions } = toUnorganised(organised);
    const found = ransacPlane(positions, { threshold: 0.01, rng: createRng(0) });
    if (!found) throw new Error('no table');
    const rest = toUnorganised(removePlane({ organised }, found.plane, 0.015).organised);
    const clusters = dbscan(rest.positions, { eps: 0.015, minPoints: 30 });
    const counts = new Map<string, number>();
    clusters.forEach((cluster, row) => {
      const pair = `cluster ${cluster}, label ${labels[rest.index[row]]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    });
    const largePairs = [...counts].filter(([, count]) => count > 0.001 * clusters.length);
    expect(largePairs).toHaveLength(2);
    expect(largePairs.map(([pair]) => pair.replace(/.*label /, '')).sort()).toEqual(['20', '30']);
    expect(largePairs.some(([pair]) => pair.includes(`cluster ${NOISE}`))).toBe(false);
    for (const label of [20, 30]) {
      const boxPoints = toUnorganised(organised).index.filter((pixel) => labels[pixel] === label).length;
      const kept = largePairs.find(([pair]) => pair.endsWith(String(label)))?.[1] ?? 0;
      expect(kept / boxPoints).toBeGreaterThan(0.9); // the lowest 15 mm go with the table
    }
  });

  test.skipIf(!path)('removeBackground with lengths of this scale keeps the largest box', () => {
    const { organised, image, labels } = readScan();
    const cleaned = removeBackground(
      { organised, image },
      {
        planeRansac: { threshold: 0.01, sample: 3 },
        planeDistance: 0.015,
        cluster: { eps: 0.015, minPoints: 30 },
      },
    );
    expect(cleaned.warnings).toEqual([]);
    const [height, width] = organised.xyz.shape;
    const pixels = Uint32Array.from(labels, (_, pixel) => pixel);
    const labelGrid = toOrganised(Float32Array.from(labels), pixels, height, width, 1);
    const { index } = toUnorganised(cleaned.organised);
    const { top, left } = cleaned.padding;
    const side = cleaned.organised.xyz.shape[1];
    const keptLabels = Array.from(index, (pixel) =>
      labelGrid.get(Math.floor(pixel / side) - top, (pixel % side) - left, 0),
    );
    expect(index).toHaveLength(cleaned.keptPoints);
    expect(keptLabels.filter((label) => label === largestBox).length / keptLabels.length).toBeGreaterThan(
      0.99,
    );
    const boxPoints = labels.filter((label) => label === largestBox).length;
    expect(keptLabels.length / boxPoints).toBeGreaterThan(0.9);
  });
});
