import { findRoot, unite } from './union-find.js';

/**
 * Joins all anomalous points that are closer than `radius`, or at the same place.
 *
 * A grid whose cells have the radius as their diagonal: points of one cell are close without being compared,
 * so a dense cluster costs no more than a sparse one.
 */
export function linkWithinRadius(
  positions: Float32Array,
  labels: Uint8Array,
  radius: number,
  parents: Uint32Array,
): void {
  const grid = new CellGrid(positions, radius);
  for (let i = 0; i < labels.length; i++) if (labels[i] !== 0) grid.insert(i, parents);
  // No two different points are closer than 0.
  if (radius > 0) grid.linkNeighbours(radius, parents);
}

class CellGrid {
  /** Side of a cell; 0: every position is a cell of its own. */
  private readonly side: number;
  /** First cell of each hash; further ones follow through `nextCell`. */
  private readonly cellOfHash = new Map<number, number>();
  private readonly nextCell: number[] = [];
  private readonly numbers = new Float64Array(3);
  private readonly words = new Int32Array(this.numbers.buffer);
  private readonly cells: { x: number; y: number; z: number; points: number[] }[] = [];

  constructor(
    private readonly positions: Float32Array,
    radius: number,
  ) {
    this.side = 0.577 * radius; // a hair below 1/√3, so that rounding never joins points a radius apart
  }

  insert(point: number, parents: Uint32Array): void {
    const x = this.coordinate(this.positions[3 * point]);
    const y = this.coordinate(this.positions[3 * point + 1]);
    const z = this.coordinate(this.positions[3 * point + 2]);
    const found = this.find(x, y, z);
    if (found >= 0) {
      const { points } = this.cells[found];
      unite(parents, points[0], point);
      points.push(point);
      return;
    }
    const hash = this.hashOf(x, y, z);
    this.nextCell.push(this.cellOfHash.get(hash) ?? -1);
    this.cellOfHash.set(hash, this.cells.push({ x, y, z, points: [point] }) - 1);
  }

  linkNeighbours(radius: number, parents: Uint32Array): void {
    const steps = neighbourSteps();
    for (const { x, y, z, points } of this.cells) {
      for (const [dx, dy, dz] of steps) {
        const other = this.find(x + dx, y + dy, z + dz);
        if (other < 0) continue;
        const others = this.cells[other].points;
        const alreadyJoined = findRoot(parents, points[0]) === findRoot(parents, others[0]);
        if (!alreadyJoined && this.areClose(points, others, radius)) unite(parents, points[0], others[0]);
      }
    }
  }

  private coordinate(value: number): number {
    return this.side > 0 ? Math.floor(value / this.side) : value;
  }

  private find(x: number, y: number, z: number): number {
    let cell = this.cellOfHash.get(this.hashOf(x, y, z)) ?? -1;
    while (cell >= 0) {
      const candidate = this.cells[cell];
      if (candidate.x === x && candidate.y === y && candidate.z === z) return cell;
      cell = this.nextCell[cell];
    }
    return -1;
  }

  /** 32 bits from the bits of three numbers, whole or not; −0 as 0. */
  private hashOf(x: number, y: number, z: number): number {
    const { numbers, words } = this;
    numbers[0] = x + 0;
    numbers[1] = y + 0;
    numbers[2] = z + 0;
    let hash = 0;
    for (let i = 0; i < words.length; i++) {
      hash = Math.imul(hash ^ words[i], 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    return hash;
  }

  private areClose(points: readonly number[], others: readonly number[], radius: number): boolean {
    const { positions } = this;
    for (const a of points) {
      for (const b of others) {
        const dx = positions[3 * a] - positions[3 * b];
        const dy = positions[3 * a + 1] - positions[3 * b + 1];
        const dz = positions[3 * a + 2] - positions[3 * b + 2];
        if (Math.sqrt(dx * dx + dy * dy + dz * dz) < radius) return true;
      }
    }
    return false;
  }
}

/** Cells two apart can still hold points closer than the diagonal; of each pair one direction is enough. */
function neighbourSteps(): readonly (readonly [number, number, number])[] {
  const steps: [number, number, number][] = [];
  for (let dx = -2; dx <= 2; dx++) {
    for (let dy = -2; dy <= 2; dy++) {
      for (let dz = -2; dz <= 2; dz++) {
        if (dx > 0 || (dx === 0 && (dy > 0 || (dy === 0 && dz > 0)))) steps.push([dx, dy, dz]);
      }
    }
  }
  return steps;
}
