import type { LongWorkOptions } from '@anomclip/core';
import ndarray from 'ndarray';
import { type Coordinates, checkNormals } from '../check-points.js';
import { checkFpfhOptions, type FpfhOptions, fpfhLength, inTreeOrder } from '../fpfh.js';
import type { KdTree } from '../kd-tree.js';
import { treeOf } from '../neighbours.js';
import { checkNormalOptions, type NormalOptions } from '../normals.js';
import { scatterRows } from '../scatter-rows.js';
import { checkDrawable, type Drawable } from '../views/drawable.js';
import { planViews } from '../views/plan-views.js';
import { defaultSize, type View } from '../views/render-view.js';
import { needsNormals, prepareDrawable, type RenderViewsOptions } from '../views/render-views.js';
import type { tasks } from './tasks.js';

/** Work that runs elsewhere and can be stopped. */
export interface PendingTask<Result> extends PromiseLike<Result> {
  cancel(): unknown;
}

/** Whatever runs {@link tasks} by name: workers, or a test. */
export interface TaskRunner {
  run<Name extends keyof typeof tasks>(
    name: Name,
    request: Parameters<(typeof tasks)[Name]>,
  ): PendingTask<ReturnType<(typeof tasks)[Name]>>;
  terminate(): PromiseLike<unknown>;
}

/**
 * Normals, features and views on several threads. Results have the same bits as those of `estimateNormals`, `computeFpfh`
 * and `renderViews`, whatever the number of workers.
 *
 * A pool keeps its process alive and its threads in memory until {@link terminate} is called.
 */
export class GeometryPool {
  constructor(
    private readonly runner: TaskRunner,
    /** Number of threads that work at the same time. */
    readonly workers: number,
  ) {}

  /**
   * Like `estimateNormals`, which says what the options mean and what is thrown. Aborting ends the work at once and
   * rejects with the signal's reason; the pool can be used again.
   */
  async estimateNormals<T extends Coordinates>(
    points: T,
    options: NormalOptions & LongWorkOptions = {},
  ): Promise<T> {
    const { radius, maxNeighbours, solver, tree, ...work } = options;
    checkNormalOptions('estimateNormals', options);
    const shared = inSharedMemory(treeOf('estimateNormals', points, tree));
    const normals = points.slice() as T; // the right kind and length; every value is replaced
    await this.inRanges('normals', shared, work, 3, normals, (start, end) =>
      this.runner.run('normals', [shared, { radius, maxNeighbours, solver }, start, end]),
    );
    return normals;
  }

  /** Like `computeFpfh`, with the additions of {@link estimateNormals}. */
  async computeFpfh(
    points: Coordinates,
    normals: Coordinates,
    options: FpfhOptions & LongWorkOptions = {},
  ): Promise<Float32Array> {
    const { radius, maxNeighbours, variant, tree, ...work } = options;
    checkNormals('computeFpfh', points, normals);
    checkFpfhOptions('computeFpfh', options);
    const shared = inSharedMemory(treeOf('computeFpfh', points, tree));
    const sharedNormals = shareable(inTreeOrder(shared, normals));
    const features = new Float32Array(fpfhLength * shared.size);
    await this.inRanges('fpfh', shared, work, fpfhLength, features, (start, end) =>
      this.runner.run('fpfh', [shared, sharedNormals, { radius, maxNeighbours, variant }, start, end]),
    );
    return features;
  }

  /**
   * Like `renderViews`, with the additions of {@link estimateNormals}: every view is a task of its own. Many samples may be
   * rendered at the same time; their views wait for a free worker. A pool of one worker renders beside the main thread.
   */
  async renderViews(drawable: Drawable, options: RenderViewsOptions & LongWorkOptions = {}): Promise<View[]> {
    const { signal, onProgress, ...settings } = options;
    const { size, pointSize, groundTruthPointSize, coverage, colouring, base, background, lighting } =
      settings;
    const picture = {
      size,
      pointSize,
      groundTruthPointSize,
      coverage,
      colouring,
      base,
      background,
      lighting,
    };
    checkDrawable('renderViews', drawable);
    signal?.throwIfAborted();
    const normals = needsNormals(drawable, settings)
      ? await this.estimateNormals(drawable.positions, { ...settings.normalOptions, signal })
      : drawable.normals;
    const prepared = prepareDrawable({ ...drawable, normals }, settings);
    const plans = planViews(drawable.positions, settings);
    const views: View[] = [];
    await this.settle(
      'render',
      { signal, onProgress },
      plans.map((plan) => this.runner.run('view', [prepared, plan, picture])),
      ({ image, groundTruth }, i) => {
        const { width, height } = plans[i].camera;
        const shape = size === 'window' ? [height, width] : [size ?? defaultSize, size ?? defaultSize];
        views[i] = {
          ...plans[i],
          image: ndarray(image, [...shape, 3]),
          ...(groundTruth && { groundTruth: ndarray(groundTruth, shape) }),
        };
      },
    );
    return views;
  }

  /** Ends all threads; work in progress is rejected. Afterwards the pool is unusable. */
  async terminate(): Promise<void> {
    await this.runner.terminate();
  }

  /**
   * Runs one task per worker, each on a range of the tree order, and puts the rows where their points are. More ranges
   * would cost more than they balance: the neighbourhoods along every cut are computed on both sides.
   */
  private async inRanges(
    stage: string,
    { size, order }: KdTree,
    work: LongWorkOptions,
    width: number,
    out: Coordinates,
    run: (start: number, end: number) => PendingTask<Coordinates>,
  ): Promise<void> {
    work.signal?.throwIfAborted();
    const total = Math.min(size, this.workers);
    const starts = Array.from({ length: total }, (_, i) => Math.floor((i * size) / total));
    const pending = starts.map((start, i) => run(start, starts[i + 1] ?? size));
    await this.settle(stage, work, pending, (rows, i) => scatterRows(rows, order, starts[i], width, out));
  }

  /** Hands on every result as it comes; when one fails or the signal aborts, the other tasks are cancelled. */
  private async settle<Result>(
    stage: string,
    { signal, onProgress }: LongWorkOptions,
    pending: readonly PendingTask<Result>[],
    take: (result: Result, task: number) => void,
  ): Promise<void> {
    const cancel = () => {
      for (const task of pending) task.cancel();
    };
    signal?.addEventListener('abort', cancel, { once: true });
    let done = 0;
    try {
      await Promise.all(
        pending.map(async (task, i) => {
          take(await task, i);
          done++;
          onProgress?.({ stage, done, total: pending.length });
        }),
      );
    } catch (error) {
      cancel();
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }
}

/** The same tree in memory that all threads see; where there is none, each message takes a copy with it. */
function inSharedMemory({ size, coordinates, order, leafStarts, boxes }: KdTree): KdTree {
  return {
    size,
    coordinates: shareable(coordinates),
    order: shareable(order),
    leafStarts: shareable(leafStarts),
    boxes: shareable(boxes),
  };
}

function shareable<T extends Float64Array | Uint32Array>(array: T): T {
  // Browsers hide the constructor unless the page is isolated from other origins.
  if (typeof SharedArrayBuffer === 'undefined') return array;
  const copy =
    array instanceof Float64Array
      ? new Float64Array(new SharedArrayBuffer(array.byteLength))
      : new Uint32Array(new SharedArrayBuffer(array.byteLength));
  copy.set(array);
  return copy as T;
}
