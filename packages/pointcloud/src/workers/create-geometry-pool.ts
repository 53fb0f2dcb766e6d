import workerpool from 'workerpool';
import { checkCount } from '../check-points.js';
import { GeometryPool } from './geometry-pool.js';

export interface GeometryPoolOptions {
  /** Number of threads. @defaultValue the number of processors */
  workers?: number;
  /** Where the script of the workers is, when a bundler has moved it away from this module. */
  script?: URL;
}

/**
 * Starts threads for normals, features and views: worker threads in Node, web workers in browsers.
 *
 * @throws {@link ArgumentError} when `workers` is no positive integer.
 */
export function createGeometryPool(options: GeometryPoolOptions = {}): GeometryPool {
  const { workers = workerpool.cpus, script = new URL('./geometry-worker.js', import.meta.url) } = options;
  checkCount('createGeometryPool', 'workers', workers);
  const pool = workerpool.pool(pathOf(script), {
    minWorkers: workers,
    maxWorkers: workers,
    workerType: 'auto',
    workerOpts: { type: 'module' },
  });
  return new GeometryPool(
    { run: (name, request) => pool.exec(name, request), terminate: async () => await pool.terminate(true) },
    workers,
  );
}

/** Node wants a path, browsers an address. */
function pathOf(script: URL): string {
  if (workerpool.platform === 'browser') return script.href;
  return process.getBuiltinModule('node:url').fileURLToPath(script);
}
