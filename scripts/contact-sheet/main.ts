import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { contiguous, createImage, encodePng, type Image, type Mask, resizeImage } from '@anomclip/core/image';
import { type Dataset, openMvtec3d, type Sample } from '@anomclip/datasets';
import { defectTypes } from '@anomclip/synth/objects';
import { Command } from 'commander';
import { shadePoints } from './shade-points.js';

const command = new Command('contact-sheet')
  .description(
    'Draws a sheet of an offline benchmark. Per category two rows: photographs above, shaded points below; columns: three ' +
      'normal parts, then one per kind of defect, outlined in red below.',
  )
  .argument('<folder>', 'the offline benchmark, in the layout of MVTec 3D-AD')
  .option('--out <file>', 'where to write the sheet', 'output/contact-sheet.png')
  .option('--tile <pixels>', 'side of one picture', Number, 80)
  .option('--index <number>', 'which sample of every kind, from 0', Number, 0)
  .parse();
const { out, tile, index } = command.opts<{ out: string; tile: number; index: number }>();

const dataset = await openMvtec3d(command.args[0]);
const sheet = createImage(2 * tile * dataset.classes.length, tile * (3 + defectTypes.length));
sheet.data.fill(255);
for (const [row, className] of dataset.classes.entries()) {
  for (const [column, sample] of samplesOf(dataset, className).entries()) {
    if (sample) await drawSample(sample, 2 * row * tile, column * tile);
  }
}
await mkdir(dirname(out), { recursive: true });
await writeFile(out, encodePng(sheet));
console.log(resolve(out));

/** A category's row; undefined where it has no such defect. */
function samplesOf({ samples }: Dataset, className: string): (Sample | undefined)[] {
  const normal = [
    ...samples({ className, split: 'train' }).slice(0, 2),
    ...samples({ className, split: 'test', label: 0 }).slice(0, 1),
  ];
  const anomalous = samples({ className, label: 1 });
  return [
    ...normal,
    ...defectTypes.map((type) => anomalous.filter(({ defectType }) => defectType === type)[index]),
  ];
}

async function drawSample(sample: Sample, top: number, left: number): Promise<void> {
  const { image, organised, mask } = await sample.load();
  if (!image || !organised) return;
  // Fewer shades per channel: the noise of the sensor would fill the file.
  const photograph = resizeImage(image, tile, tile);
  photograph.data.forEach((value, i) => {
    photograph.data[i] = Math.min(255, 8 * Math.round(value / 8));
  });
  paste(photograph, top, left);
  const points = shadePoints(organised, tile);
  if (mask) outline(points, mask);
  paste(points, top + tile, left);
}

function paste(picture: Image, top: number, left: number): void {
  for (let row = 0; row < tile; row++) {
    const start = 3 * ((top + row) * sheet.shape[1] + left);
    sheet.data.set(picture.data.subarray(3 * row * tile, 3 * (row + 1) * tile), start);
  }
}

/** Red around the mask. */
function outline(picture: Image, mask: Mask): void {
  const values = contiguous(mask).map((value) => (value === 0 ? 0 : 255));
  const small = resizeImage({ ...mask, data: values } as Mask, tile, tile, { filter: 'bilinear' });
  const inside = (row: number, column: number) =>
    row >= 0 && column >= 0 && row < tile && column < tile && small.get(row, column) > 40;
  for (let row = 0; row < tile; row++) {
    for (let column = 0; column < tile; column++) {
      if (inside(row, column)) continue;
      const touches = [-1, 1].some((step) => inside(row + step, column) || inside(row, column + step));
      if (touches) [220, 30, 30].forEach((value, c) => void picture.set(row, column, c, value));
    }
  }
}
