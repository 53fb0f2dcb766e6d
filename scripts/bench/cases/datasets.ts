import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createImage, createMask } from '@anomclip/core/image';
import { createMvtec3dWriter, openMvtec3d } from '@anomclip/datasets';
import ndarray from 'ndarray';

/** Samples of one class, about as many as the classes of MVTec 3D-AD have. */
const counts = { train: 200, test: 100 };

/** Listing must not depend on the size of the scans, so it takes less than this. */
const atMostSeconds = 1;

/** How long a class of MVTec 3D-AD takes to be listed, in which every cloud is broken: none may be read. */
export async function benchDatasets(rounds: number): Promise<boolean> {
  const root = await mkdtemp(join(tmpdir(), 'anomclip-bench-'));
  try {
    await writeClass(root);
    const times: number[] = [];
    let found = 0;
    for (let round = 0; round < rounds; round++) {
      const start = performance.now();
      found = (await openMvtec3d(root)).samples().length;
      times.push((performance.now() - start) / 1000);
    }
    const worst = Math.max(...times);
    const met = found === counts.train + counts.test && worst < atMostSeconds;
    console.log(
      `datasets: ${found} samples of MVTec 3D-AD listed in at most ${(1000 * worst).toFixed(0)} ms, no cloud read ` +
        `(below ${atMostSeconds} s: ${met ? 'met' : 'MISSED'})`,
    );
    return met;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function writeClass(root: string): Promise<void> {
  const writer = await createMvtec3dWriter(root);
  const [height, width] = [8, 8];
  const image = createImage(height, width);
  const organised = { xyz: ndarray(new Float32Array(height * width * 3), [height, width, 3]) };
  const mask = createMask(height, width);
  const className = 'part';
  for (const split of ['train', 'test'] as const) {
    for (let i = 0; i < counts[split]; i++) {
      const stem = String(i).padStart(3, '0');
      const defectType = split === 'test' && i % 2 === 1 ? 'dent' : 'good';
      await writer.write({ className, split, defectType, stem, image, organised, mask });
      await writeFile(join(root, className, split, defectType, 'xyz', `${stem}.tiff`), 'no TIFF');
    }
  }
}
