import type { Rng } from '@anomclip/core/random';
import type { Path } from './patch.js';
import type { Relief } from './relief.js';
import { cosineWave, wave } from './wave.js';

/** Defects sit on surfaces at least this high, metres: lower ones would leave together with the support plane. */
const lowestSurface = 0.0065;

/** The nodes on which a defect may be centred, ascending. */
export function surfaceNodes({ heights }: Relief): Uint32Array {
  const nodes: number[] = [];
  for (let node = 0; node < heights.length; node++) if (heights[node] > lowestSurface) nodes.push(node);
  return Uint32Array.from(nodes);
}

/** One of `surface` with as much surface as possible within `radius` metres of it. */
export function drawCentre(relief: Relief, surface: Uint32Array, radius: number, rng: Rng): number {
  const { size, pitch } = relief;
  let best = surface[0];
  let most = -1;
  for (let attempt = 0; attempt < 60 && most < 24; attempt++) {
    const node = surface[rng.integer(0, surface.length)];
    const x = (node % size) * pitch;
    const y = Math.floor(node / size) * pitch;
    let inside = 0;
    for (let k = 0; k < 12; k++) {
      const dx = radius * cosineWave(k / 12);
      const dy = radius * wave(k / 12);
      if (isSurface(relief, x + dx, y + dy)) inside++;
      if (isSurface(relief, x + 0.6 * dx, y + 0.6 * dy)) inside++;
    }
    if (inside > most) [best, most] = [node, inside];
  }
  return best;
}

export interface PathOptions {
  /** Between the ends, metres. */
  readonly length: number;
  /** Number of straight pieces, at least 1. */
  readonly bends: number;
  /** Sideways deviation of the bends as a share of the length. */
  readonly jitter: number;
}

/** The one of several random lines that runs over the surface for the largest part. */
export function drawPath(relief: Relief, surface: Uint32Array, options: PathOptions, rng: Rng): Path {
  const { length, bends, jitter } = options;
  const { size, pitch } = relief;
  const probes = 20;
  let best: Path = [];
  let most = -1;
  for (let attempt = 0; attempt < 40 && most <= probes; attempt++) {
    const middle = surface[rng.integer(0, surface.length)];
    const turns = rng.uniform();
    const cos = cosineWave(turns);
    const sin = wave(turns);
    const at = (along: number, aside: number): [number, number] => [
      (middle % size) * pitch + length * (along * cos - aside * sin),
      Math.floor(middle / size) * pitch + length * (along * sin + aside * cos),
    ];
    const path: number[] = [];
    for (let k = 0; k <= bends; k++) {
      const aside = k === 0 || k === bends ? 0 : rng.uniform(-jitter, jitter);
      path.push(...at(k / bends - 0.5, aside));
    }
    let inside = 0;
    for (let k = 0; k <= probes; k++) if (isSurface(relief, ...at(k / probes - 0.5, 0))) inside++;
    if (inside > most) [best, most] = [path, inside];
  }
  return best;
}

/** Whether the node closest to (x, y), metres from the node (0, 0), may hold a defect. */
function isSurface({ size, pitch, heights }: Relief, x: number, y: number): boolean {
  const column = Math.round(x / pitch);
  const row = Math.round(y / pitch);
  return (
    column >= 0 && row >= 0 && column < size && row < size && heights[row * size + column] > lowestSurface
  );
}
