import { encodePng, type Image, resizeImage } from '@anomclip/core/image';
import type { Sample } from '@anomclip/datasets';
import { auroc } from '@anomclip/metrics';
import { padToSquare } from '@anomclip/pointcloud';
import ndarray from 'ndarray';
import type { Case } from '../shared/case-strip.js';
import { paintMap } from '../shared/colour-map.js';
import { gridSize, type ScoredScan } from './scored-scan.js';

/** The scans that tell most: where the map is right, where it is wrong, and the worst false alarm. */
export async function pictureCases(
  scans: readonly ScoredScan[],
  mapRange: readonly [number, number],
): Promise<Case[]> {
  const anomalous = scans
    .filter(({ sample, mask }) => sample.label === 1 && mask.data.includes(1))
    .map((scan) => ({ scan, pixelAuroc: auroc([scan.map], [scan.mask]) }))
    .sort((a, b) => b.pixelAuroc - a.pixelAuroc);
  const normal = scans
    .filter(({ sample }) => sample.label === 0)
    .sort((a, b) => b.imageScore - a.imageScore)
    .map((scan) => ({ scan, pixelAuroc: Number.NaN }));
  const chosen = [
    ...anomalous.slice(0, 1).map((found) => ({ role: 'best' as const, ...found })),
    ...anomalous
      .slice(1)
      .slice(-1)
      .map((found) => ({ role: 'worst' as const, ...found })),
    ...normal.slice(0, 1).map((found) => ({ role: 'highest normal' as const, ...found })),
  ];
  return Promise.all(
    chosen.map(async ({ role, scan: { sample, imageScore, map, mask }, pixelAuroc }) => ({
      role,
      id: sample.id,
      imageScore,
      pixelAuroc,
      image: encodePng(await loadImage(sample)),
      mask: encodePng(
        ndarray(
          mask.data.map((value) => 255 * value),
          mask.shape,
        ),
      ),
      map: encodePng(paintMap(map, ...mapRange)),
    })),
  );
}

/** The photograph of a scan on the grid, padded as the maps are. */
async function loadImage(sample: Sample): Promise<Image> {
  const { organised, image } = await sample.load();
  const padded = organised && padToSquare({ organised, image });
  if (!padded?.image) throw new Error(`${sample.id} has no image`);
  return resizeImage(padded.image, gridSize, gridSize);
}
