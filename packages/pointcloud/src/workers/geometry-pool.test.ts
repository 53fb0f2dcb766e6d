import { ArgumentError, ShapeError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import { describe, expect, test, vi } from 'vitest';
import { computeFpfh } from '../fpfh.js';
import { buildKdTree } from '../kd-tree.js';
import { estimateNormals } from '../normals.js';
import { renderViews, viewPoses } from '../views/index.js';
import { createGeometryPool } from './create-geometry-pool.js';
import { GeometryPool, type PendingTask, type TaskRunner } from './geometry-pool.js';
import { tasks } from './tasks.js';

/** Runs tasks in this thread, after and before the copies that messages between threads make. */
function inProcess(): TaskRunner {
  const task = <Result>(work: () => Result): PendingTask<Result> => {
    let cancel = () => {};
    const cancelled = new Promise<never>((_, reject) => {
      cancel = () => reject(new Error('cancelled'));
    });
    cancelled.catch(() => {});
    const done = Promise.resolve().then(() => structuredClone(work()));
    return Object.assign(Promise.race([done, cancelled]), { cancel: () => cancel() });
  };
  return {
    run: <Name extends keyof typeof tasks>(name: Name, request: Parameters<(typeof tasks)[Name]>) => {
      // The name decides both what the task takes and what it gives, which indexing cannot say.
      type Work = (...request: Parameters<(typeof tasks)[Name]>) => ReturnType<(typeof tasks)[Name]>;
      const work = tasks[name] as unknown as Work;
      return task(() => work(...structuredClone(request)));
    },
    terminate: async () => {},
  };
}

const rng = createRng(30);
const points = Float32Array.from({ length: 3 * 900 }, () => rng.normal());
const normals = estimateNormals(points);

describe.each([1, 2, 3, 16])('with %i workers', (workers) => {
  const pool = new GeometryPool(inProcess(), workers);

  test('normals have the same bits as on one thread', async () => {
    for (const options of [{}, { radius: 0.5, maxNeighbours: 9 }, { solver: 'jacobi' as const }]) {
      expect(await pool.estimateNormals(points, options)).toEqual(estimateNormals(points, options));
    }
    const precise = Float64Array.from(points);
    expect(await pool.estimateNormals(precise)).toEqual(estimateNormals(precise));
  });

  test('features have the same bits as on one thread', async () => {
    const tree = buildKdTree(points);
    for (const options of [{}, { radius: 0.4, maxNeighbours: 20, tree }, { variant: 'pcl' as const }]) {
      expect(await pool.computeFpfh(points, normals, options)).toEqual(computeFpfh(points, normals, options));
    }
  });

  test('views have the same pixels as on one thread', async () => {
    const labels = Array.from(points.subarray(0, 900), (value) => (value > 1 ? 1 : 0));
    const settings = { poses: viewPoses({ count: 3 }), width: 64, size: 24 };
    for (const options of [settings, { ...settings, size: 'window' as const, pointSize: 3 }]) {
      const views = await pool.renderViews({ positions: points, labels }, options);
      expect(views).toEqual(renderViews({ positions: points, labels }, options));
    }
    const [unlabelled] = await pool.renderViews({ positions: points, normals }, settings);
    expect(unlabelled.groundTruth).toBeUndefined();
  });
});

describe('a pool', () => {
  const pool = new GeometryPool(inProcess(), 4);

  test('reports its progress from range to range', async () => {
    const onProgress = vi.fn();
    await pool.computeFpfh(points, normals, { onProgress });
    expect(onProgress.mock.calls.map(([event]) => event)).toEqual(
      [1, 2, 3, 4].map((done) => ({ stage: 'fpfh', done, total: 4 })),
    );
  });

  test('renders every view as a step, and no views as none', async () => {
    const onProgress = vi.fn();
    const options = { width: 16, size: 8, onProgress };
    const views = await pool.renderViews({ positions: points, normals }, { ...options, poses: [] });
    expect(views).toEqual([]);
    await pool.renderViews({ positions: points, normals }, { ...options, poses: viewPoses({ count: 2 }) });
    expect(onProgress.mock.calls.map(([event]) => event)).toEqual(
      [1, 2].map((done) => ({ stage: 'render', done, total: 2 })),
    );
    const controller = new AbortController();
    const work = pool.renderViews({ positions: points }, { width: 16, signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    await expect(pool.renderViews({ positions: new Float32Array(4) })).rejects.toThrow(ShapeError);
  });

  test('stops when it is told to, before and during the work, and can be used again', async () => {
    const early = AbortSignal.abort(new Error('never mind'));
    await expect(pool.estimateNormals(points, { signal: early })).rejects.toThrow('never mind');
    const controller = new AbortController();
    const work = pool.computeFpfh(points, normals, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(work).rejects.toThrow('enough');
    expect(await pool.estimateNormals(points)).toEqual(normals);
  });

  test('gives empty results for empty clouds', async () => {
    const none = new Float32Array(0);
    expect(await pool.estimateNormals(none)).toEqual(none);
    expect(await pool.computeFpfh(none, none)).toEqual(none);
  });

  test('refuses wrong arguments like the functions without workers', async () => {
    await expect(pool.estimateNormals(Float32Array.of(Number.NaN, 0, 0))).rejects.toThrow(ArgumentError);
    await expect(pool.estimateNormals(points, { maxNeighbours: 0 })).rejects.toThrow(ArgumentError);
    await expect(pool.computeFpfh(points, new Float32Array(3))).rejects.toThrow(ShapeError);
    expect(() => createGeometryPool({ workers: 0 })).toThrow(ArgumentError);
  });
});
