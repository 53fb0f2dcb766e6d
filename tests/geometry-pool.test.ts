import { createRng } from '@anomclip/core/random';
import { computeFpfh, estimateNormals } from '@anomclip/pointcloud';
import { renderViews, viewPoses } from '@anomclip/pointcloud/views';
import { createGeometryPool } from '@anomclip/pointcloud/workers';
import { expect, test } from 'vitest';
import { run } from './workspace.js';

// The script of the workers exists in the built package only, so real threads are tested here.
const rng = createRng('geometry-pool');
const points = Float32Array.from({ length: 3 * 3000 }, () => rng.normal());

test('two worker threads give the bits of one thread', async () => {
  const pool = createGeometryPool({ workers: 2 });
  try {
    const normals = await pool.estimateNormals(points);
    expect(normals).toEqual(estimateNormals(points));
    expect(await pool.computeFpfh(points, normals)).toEqual(computeFpfh(points, normals));
  } finally {
    await pool.terminate();
  }
});

test('two worker threads render the pixels of one thread, also for samples at the same time', async () => {
  const pool = createGeometryPool({ workers: 2 });
  const samples = [0, 1500].map((start) => ({
    positions: points.slice(3 * start, 3 * (start + 1500)),
    labels: Uint8Array.from({ length: 1500 }, (_, i) => i % 2),
  }));
  const options = { poses: viewPoses({ count: 3 }), width: 128, size: 48 };
  try {
    const rendered = await Promise.all(samples.map((sample) => pool.renderViews(sample, options)));
    expect(rendered).toEqual(samples.map((sample) => renderViews(sample, options)));
  } finally {
    await pool.terminate();
  }
});

test('an aborted call rejects, and the pool goes on working', async () => {
  const pool = createGeometryPool({ workers: 2 });
  try {
    const normals = estimateNormals(points);
    await expect(pool.computeFpfh(points, normals, { signal: AbortSignal.abort() })).rejects.toThrow(
      /abort/i,
    );
    expect(await pool.computeFpfh(points, normals)).toEqual(computeFpfh(points, normals));
  } finally {
    await pool.terminate();
  }
});

test('the CommonJS build finds the script of its workers too', async () => {
  const program = `
    const { createGeometryPool } = require('@anomclip/pointcloud/workers');
    const pool = createGeometryPool({ workers: 1 });
    pool.estimateNormals(Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0))
      .then((normals) => console.log(normals.join(' ')))
      .finally(() => pool.terminate());`;
  const printed = await run('node', ['-e', program]);
  expect(
    printed
      .trim()
      .split(' ')
      .map((value) => Math.abs(Number(value))),
  ).toEqual([0, 0, 1, 0, 0, 1, 0, 0, 1]);
});
