export { createGeometryPool, type GeometryPoolOptions } from './create-geometry-pool.js';
export type { GeometryPool } from './geometry-pool.js';
