import { ArgumentError } from '@anomclip/core';
import { contiguous } from '@anomclip/core/image';
import { createRng, type Rng } from '@anomclip/core/random';
import ndarray from 'ndarray';
import { type DbscanOptions, dbscan, largestCluster, NOISE } from './clusters.js';
import {
  type MissingTest,
  padToSquare,
  type Scan,
  scanSize,
  squarePadding,
  toUnorganised,
  type UnorganisedPoints,
  validityTest,
} from './organised.js';
import { type Plane, type RansacOptions, type RansacPlane, ransacPlane, removePlane } from './plane.js';

/** Options of {@link removeBackground}. The lengths fit scans of objects about 0.1 m wide, in metres. */
export interface BackgroundOptions {
  /** Which pixels hold no point. @defaultValue 'any-zero' */
  missing?: MissingTest;
  /** Width in pixels of the border that shows the support plane. @defaultValue 10 */
  borderWidth?: number;
  /** Search for the plane among the border points. @defaultValue threshold 0.004, sample 50, iterations 1000 */
  planeRansac?: Partial<RansacOptions>;
  /** Points closer to the plane than this are background. @defaultValue 0.005 */
  planeDistance?: number;
  /** A plane that fewer of the border points lie on gives a warning. @defaultValue 0.3 */
  minPlaneInlierRatio?: number;
  /** The side of the padded square is a multiple of this. @defaultValue 100 */
  padMultiple?: number;
  /** Clusters of what is left; the largest stays. @defaultValue eps 0.006, minPoints 30 */
  cluster?: Partial<DbscanOptions>;
  /** Draws the samples of the plane search. @defaultValue createRng(0) */
  rng?: Rng;
}

/** A scan without its background, and what was found on the way. */
export interface CleanScan extends Scan {
  /** The support plane; `null` when it could not be found, and then nothing was removed as plane. */
  readonly plane: Plane | null;
  /** Share of the border points that lie on the plane, in [0, 1]; 0 without a plane. */
  readonly planeInlierRatio: number;
  /** What a person should look at; empty when all went as expected. */
  readonly warnings: readonly string[];
  /** Points of the input, by the missing test. */
  readonly validPoints: number;
  /** Points that lay on the plane. */
  readonly planePoints: number;
  /** Points that are left. `validPoints − planePoints − keptPoints` lay in other clusters. */
  readonly keptPoints: number;
  /** The points of no cluster outnumbered every cluster, and are what is left. */
  readonly noiseWon: boolean;
  /** Row and column of the input's first pixel in the padded square. */
  readonly padding: { readonly top: number; readonly left: number };
}

/**
 * The cleaning of MVTec 3D-AD that the published 3D methods start from (BTF, "Back to the Feature"):
 *
 * 1. collect the points of the border rows and columns, those of the corners twice;
 * 2. find the support plane among them, see {@link ransacPlane};
 * 3. clear the pixels near it in xyz and image, see {@link removePlane};
 * 4. pad everything to a square, see {@link padToSquare};
 * 5. cluster the remaining points, see {@link dbscan}, and clear xyz and image of all but the largest cluster,
 *    noise counting like a cluster; pixels that hold no point stay as they are;
 * 6. the mask is padded only: anomalies on removed points stay in it.
 *
 * With fewer border points than the plane search samples (50) there is no plane: step 3 is left out, with a
 * warning. A grid without points comes back padded, with warnings.
 *
 * @returns New arrays; `scan` stays unchanged. The same scan and generator give the same result.
 * @throws {@link ShapeError} when the parts differ in size.
 * @throws {@link ArgumentError} when an option is out of range.
 */
export function removeBackground(scan: Scan, options: BackgroundOptions = {}): CleanScan {
  const {
    missing = 'any-zero',
    borderWidth = 10,
    planeRansac: { threshold = 0.004, sample = 50, iterations = 1000, confidence } = {},
    planeDistance = 0.005,
    minPlaneInlierRatio = 0.3,
    padMultiple = 100,
    cluster: { eps = 0.006, minPoints = 30 } = {},
    rng = createRng(0),
  } = options;
  const [height, width] = scanSize('removeBackground', scan);
  checkOptions(borderWidth, planeDistance, minPlaneInlierRatio);
  const warnings: string[] = [];

  const border = borderPoints(scan, borderWidth, missing);
  const found = ransacPlane(border, { threshold, sample, iterations, confidence, rng });
  warnings.push(...planeWarnings(found, border.length / 3, minPlaneInlierRatio));
  const withoutPlane = found ? removePlane(scan, found.plane, planeDistance) : scan;

  const padded = padToSquare(withoutPlane, padMultiple);
  const points = toUnorganised(padded.organised, { missing });
  const labels = dbscan(points.positions, { eps, minPoints });
  const kept = largestCluster(labels);
  if (kept === null) warnings.push('no points are left: the scan is empty, or all of it lies on the plane');
  if (kept === NOISE) {
    warnings.push('most points belong to no cluster: raise cluster.eps or lower cluster.minPoints');
  }

  const validPoints = toUnorganised(scan.organised, { missing }).index.length;
  const { top, left } = squarePadding(height, width, padMultiple);
  return {
    ...clearPoints(padded, points, (row) => labels[row] !== kept),
    plane: found?.plane ?? null,
    planeInlierRatio: found?.inlierRatio ?? 0,
    warnings,
    validPoints,
    planePoints: validPoints - points.index.length,
    keptPoints: labels.filter((label) => label === kept).length,
    noiseWon: kept === NOISE,
    padding: { top, left },
  };
}

function checkOptions(borderWidth: number, planeDistance: number, minPlaneInlierRatio: number): void {
  if (!Number.isInteger(borderWidth) || borderWidth < 0) {
    throw new ArgumentError('removeBackground: borderWidth', 'an integer of at least 0', borderWidth);
  }
  if (!(planeDistance >= 0)) {
    throw new ArgumentError('removeBackground: planeDistance', 'a length of at least 0', planeDistance);
  }
  if (!(minPlaneInlierRatio >= 0 && minPlaneInlierRatio <= 1)) {
    throw new ArgumentError(
      'removeBackground: minPlaneInlierRatio',
      'a share in [0, 1]',
      minPlaneInlierRatio,
    );
  }
}

/** Points of the first and last rows, then of the first and last columns; xyz triples. */
function borderPoints({ organised }: Scan, borderWidth: number, missing: MissingTest): Float32Array {
  const [height, width] = organised.xyz.shape;
  const xyz = contiguous(organised.xyz);
  const isValid = validityTest('removeBackground', missing);
  const points: number[] = [];
  const collect = (top: number, bottom: number, left: number, right: number) => {
    for (let row = top; row < bottom; row++) {
      for (let i = 3 * (row * width + left); i < 3 * (row * width + right); i += 3) {
        if (isValid(xyz[i], xyz[i + 1], xyz[i + 2])) points.push(xyz[i], xyz[i + 1], xyz[i + 2]);
      }
    }
  };
  const rows = Math.min(borderWidth, height);
  const columns = Math.min(borderWidth, width);
  collect(0, rows, 0, width);
  collect(height - rows, height, 0, width);
  collect(0, height, 0, columns);
  collect(0, height, width - columns, width);
  return Float32Array.from(points);
}

function planeWarnings(found: RansacPlane | null, borderCount: number, minInlierRatio: number): string[] {
  if (!found) return [`no plane: the border of the scan has ${borderCount} points, too few or all on a line`];
  if (found.inlierRatio >= minInlierRatio) return [];
  const share = `${(100 * found.inlierRatio).toFixed(1)} %`;
  return [`only ${share} of the border points lie on the plane: the object may touch the border of the scan`];
}

/** Clears xyz and image at the points that `isBackground` picks by their row in `points`. */
function clearPoints(scan: Scan, points: UnorganisedPoints, isBackground: (row: number) => boolean): Scan {
  const xyz = contiguous(scan.organised.xyz).slice();
  const image = scan.image && contiguous(scan.image).slice();
  for (let row = 0; row < points.index.length; row++) {
    if (!isBackground(row)) continue;
    const i = 3 * points.index[row];
    xyz.fill(0, i, i + 3);
    image?.fill(0, i, i + 3);
  }
  return {
    ...scan,
    organised: { xyz: ndarray(xyz, scan.organised.xyz.shape) },
    ...(image && scan.image && { image: ndarray(image, scan.image.shape) }),
  };
}
