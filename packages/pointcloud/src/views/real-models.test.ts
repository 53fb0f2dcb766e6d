import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCloud } from '../io/index.js';
import { sharedFile } from '../testing/golden.js';
import { toDrawable } from './drawable.js';
import { renderViews, type View } from './index.js';
import { viewPoses } from './view-poses.js';

const poses = viewPoses({ count: 2 });

describe.each(['stanford-bunny.obj', 'igea.ply', 'fandisk.obj'])('%s (skipped without ../shared)', (name) => {
  const path = sharedFile(`data/models/${name}`);

  test.skipIf(!path)('its vertices, drawn as points, leave no holes in what its triangles cover', () => {
    const { cloud, triangles } = readCloud(readFileSync(path ?? ''), name);
    const options = { poses, size: 'window', background: [0, 0, 255] } as const;
    const surface = renderViews(toDrawable(cloud, triangles), options);
    const points = renderViews(toDrawable(cloud), options);
    surface.forEach((view, i) => {
      const solid = covered(view);
      const drawn = covered(points[i]);
      const pixels = solid.filter(Boolean).length;
      const holes = solid.filter((isSolid, pixel) => isSolid && !drawn[pixel]).length;
      expect(pixels).toBeGreaterThan(50_000); // of a million: the object is there
      expect(holes / pixels).toBeLessThan(0.002);
    });
  });
});

/** Grey pixels; the background is blue. */
function covered({ image: { data } }: View): boolean[] {
  return Array.from({ length: data.length / 3 }, (_, pixel) => data[3 * pixel] === data[3 * pixel + 2]);
}
