import type { Rng } from '@anomclip/core/random';
import { colourNames, colours } from './materials.js';
import { noiseField } from './noise-field.js';
import { pick, type Scene } from './scene.js';
import type { Surface } from './surface.js';

/** Kinds of damage, by the words of the captions. */
export const defectKinds = ['hole', 'dent', 'bulge', 'crack', 'cut', 'contamination', 'stain'] as const;
export type DefectKind = (typeof defectKinds)[number];

/** A damaged copy of a surface. */
export interface DamagedSurface extends Surface {
  readonly kind: DefectKind;
  /** Of every place: 0 untouched, 1 damaged, 2 taken away. */
  readonly damage: Uint8Array;
  /** Rows and columns with damage, ends excluded. */
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

/** What a defect does to a place. `strength` is in (0, 1], softer towards the rim of the defect. */
type Change = (at: number, strength: number) => void;

/** Where a defect lies: calls `touch` for every place of it. */
type Region = (touch: Change) => void;

/** One defect of a random kind, size and place, or nothing when it happens to miss the object. */
export function damageSurface(surface: Surface, scene: Scene, rng: Rng): DamagedSurface | undefined {
  const drawn = pick(rng, defectKinds);
  const kind = drawn === 'stain' && scene.isRendering ? 'dent' : drawn;
  const { rows, columns } = surface.grid;
  const height = surface.height.slice();
  const albedo = surface.albedo.slice();
  const damage = new Uint8Array(height.length);
  const span = { top: rows, bottom: 0, left: columns, right: 0 };

  const { region, change, removes } = defectOf(kind, { ...surface, height, albedo }, scene, rng);
  region((at, strength) => {
    if (surface.distance[at] <= 0) return;
    change(at, strength);
    if (strength < 0.2) return;
    damage[at] = removes ? 2 : 1;
    const [row, column] = [Math.floor(at / columns), at % columns];
    span.top = Math.min(span.top, row);
    span.bottom = Math.max(span.bottom, row + 1);
    span.left = Math.min(span.left, column);
    span.right = Math.max(span.right, column + 1);
  });
  if (span.top >= span.bottom) return undefined;
  return {
    ...surface,
    height,
    albedo,
    kind,
    damage,
    // Weak changes and slopes reach a little farther than the mask.
    rows: [Math.max(0, span.top - 6), Math.min(rows, span.bottom + 6)],
    columns: [Math.max(0, span.left - 6), Math.min(columns, span.right + 6)],
  };
}

interface Defect {
  readonly region: Region;
  readonly change: Change;
  readonly removes?: boolean;
}

/** @param surface - Changed in place. */
function defectOf(kind: DefectKind, surface: Surface, scene: Scene, rng: Rng): Defect {
  const { height, albedo, grid, insideCount } = surface;
  const cell = (grid.x[1] - grid.x[0]) * (grid.y[1] - grid.y[0]);
  const area = insideCount * cell * Math.exp(rng.uniform(Math.log(0.004), Math.log(0.05)));
  const radius = Math.sqrt(area / Math.PI);
  const raise =
    (by: number): Change =>
    (at, strength) => {
      height[at] += by * strength;
    };
  const darken = (at: number, by: number) => {
    if (scene.isRendering) return;
    for (let c = 0; c < 3; c++) albedo[3 * at + c] *= 1 - by;
  };
  const colour = colours[pick(rng, colourNames)];
  const tint = (at: number, share: number) => {
    if (scene.isRendering) return;
    for (let c = 0; c < 3; c++) albedo[3 * at + c] += share * (colour[c] - albedo[3 * at + c]);
  };
  switch (kind) {
    case 'hole':
      return { region: blob(surface, radius, rng), change: () => {}, removes: true };
    case 'dent':
    case 'bulge': {
      const depth = Math.max(radius * rng.uniform(0.6, 1.2), 0.06);
      return { region: blob(surface, radius, rng), change: raise(kind === 'dent' ? -depth : depth) };
    }
    case 'crack': {
      const lower = raise(-rng.uniform(0.05, 0.12));
      const change: Change = (at, strength) => {
        lower(at, strength);
        darken(at, 0.6 * strength);
      };
      return { region: line(surface, area, 0.7, rng), change };
    }
    case 'cut': {
      const isBite = rng.boolean();
      const region = isBite ? blob(surface, 1.5 * radius, rng, 0.06) : line(surface, area, 0.03, rng);
      if (rng.boolean(0.7)) return { region, change: () => {}, removes: true };
      const lower = raise(-rng.uniform(0.08, 0.16));
      const change: Change = (at, strength) => {
        lower(at, strength);
        darken(at, 0.35 * strength);
      };
      return { region, change };
    }
    case 'contamination': {
      const noise = noiseField(rng.fork('blotches'), grid.rows, grid.columns, 40);
      const change: Change = (at, strength) => {
        height[at] += strength * (0.04 + 0.03 * Math.abs(noise[at]));
        tint(at, Math.min(1, 1.6 * strength) * Math.min(1, Math.max(0.6, 0.9 + 0.15 * noise[at])));
      };
      return { region: blob(surface, radius, rng), change };
    }
    case 'stain':
      return { region: blob(surface, radius, rng), change: (at, strength) => tint(at, 0.75 * strength) };
  }
}

/** A spot with a wavy outline. With `nearOutline` its centre is at most that far from the object's outline. */
function blob(
  { grid, distance }: Surface,
  radius: number,
  rng: Rng,
  nearOutline = Number.POSITIVE_INFINITY,
): Region {
  const centre = placeInside(distance, nearOutline, rng);
  const [x0, y0] = [grid.x[centre % grid.columns], grid.y[Math.floor(centre / grid.columns)]];
  const aspect = rng.uniform(0.65, 1.5);
  const turn = rng.uniform(0, Math.PI);
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const phases = [2, 3, 5].map(() => rng.uniform(0, 2 * Math.PI));
  const reach = 1.6 * radius;
  return (touch) => {
    forEachPlace(grid, [x0 - reach, x0 + reach], [y0 - reach, y0 + reach], (at, x, y) => {
      const u = (cos * (x - x0) + sin * (y - y0)) / Math.sqrt(aspect);
      const v = (cos * (y - y0) - sin * (x - x0)) * Math.sqrt(aspect);
      const angle = Math.atan2(v, u);
      const outline =
        1 +
        0.18 * Math.cos(2 * angle + phases[0]) +
        0.12 * Math.cos(3 * angle + phases[1]) +
        0.08 * Math.cos(5 * angle + phases[2]);
      const strength = 1.8 * (1 - Math.sqrt(u * u + v * v) / (radius * outline));
      if (strength > 0) touch(at, Math.min(1, strength));
    });
  };
}

/** A line of six pieces; `jitter` is how much its direction changes from piece to piece, in radians. */
function line({ grid, distance }: Surface, area: number, jitter: number, rng: Rng): Region {
  const halfWidth = rng.uniform(0.018, 0.04);
  const piece = Math.min(area / (2 * halfWidth), 1.6) / 6;
  const start = placeInside(distance, Number.POSITIVE_INFINITY, rng);
  let direction = rng.uniform(0, 2 * Math.PI);
  const points = [[grid.x[start % grid.columns], grid.y[Math.floor(start / grid.columns)]]];
  for (let i = 0; i < 6; i++) {
    const [x, y] = points[i];
    points.push([x + piece * Math.cos(direction), y + piece * Math.sin(direction)]);
    direction += rng.normal(0, jitter);
  }
  return (touch) => {
    const strengths = new Map<number, number>();
    for (let i = 0; i < 6; i++) {
      const [[x0, y0], [x1, y1]] = [points[i], points[i + 1]];
      const xs = [Math.min(x0, x1) - halfWidth, Math.max(x0, x1) + halfWidth] as const;
      const ys = [Math.min(y0, y1) - halfWidth, Math.max(y0, y1) + halfWidth] as const;
      forEachPlace(grid, xs, ys, (at, x, y) => {
        const along = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / (piece * piece);
        const t = Math.min(1, Math.max(0, along));
        const off = Math.sqrt((x - x0 - t * (x1 - x0)) ** 2 + (y - y0 - t * (y1 - y0)) ** 2);
        const strength = Math.min(1, 1.8 * (1 - off / halfWidth));
        if (strength > (strengths.get(at) ?? 0)) strengths.set(at, strength);
      });
    }
    for (const [at, strength] of strengths) touch(at, strength);
  };
}

/** A random place inside the object, at most `nearOutline` from its outline. */
function placeInside(distance: Float32Array, nearOutline: number, rng: Rng): number {
  for (let attempt = 0; attempt < 2000; attempt++) {
    const place = rng.integer(0, distance.length);
    if (distance[place] > 0 && distance[place] < nearOutline) return place;
  }
  return distance.findIndex((d) => d > 0);
}

function forEachPlace(
  { x, y, columns }: Surface['grid'],
  [left, right]: readonly [number, number],
  [top, bottom]: readonly [number, number],
  visit: (at: number, x: number, y: number) => void,
): void {
  const first = (places: Float32Array, least: number) =>
    Math.max(0, Math.ceil((least - places[0]) / (places[1] - places[0])));
  for (let row = first(y, top); row < y.length && y[row] <= bottom; row++) {
    for (let column = first(x, left); column < columns && x[column] <= right; column++) {
      visit(row * columns + column, x[column], y[row]);
    }
  }
}
