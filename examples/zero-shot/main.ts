import { readFile, writeFile } from 'node:fs/promises';
import { setUpBackend } from '@anomclip/core/backend';
import { loadClip } from '@anomclip/core/clip';
import { type AnomalyMap, createImage, decodeImage, encodePng, type Image } from '@anomclip/core/image';
import { type ClipAcConfig, clipAcPresets, createClipAc } from '@anomclip/methods/clip-ac';
import { Command } from 'commander';
import { openModel } from '../shared/open-model.js';
import { reportError } from '../shared/report-error.js';
import { scoreColour } from '../shared/score-colour.js';

interface Options {
  readonly model: string;
  readonly image: string;
  readonly class: string;
  readonly out: string;
  readonly preset: keyof typeof clipAcPresets;
  readonly valueAttentionFrom?: number;
}

/** How anomalous is an image of something the program has never seen, and where? */
async function main({ model, image: file, class: name, out, preset, valueAttentionFrom = 0 }: Options) {
  await setUpBackend('wasm');
  const image = await decodeImage(await readFile(file));
  const clip = await loadClip(await openModel(model));
  try {
    const config: Partial<ClipAcConfig> = { ...clipAcPresets[preset], truncate: true, valueAttentionFrom };
    const detector = createClipAc(clip, name, config);
    const { imageScore, anomalyMap } = await detector.predict({ image });
    detector.dispose();
    console.log(`image score  ${imageScore.toFixed(4)}   (probability of the anomalous prompts)`);
    if (!anomalyMap) return;
    const { low, high } = rangeOf(anomalyMap);
    console.log(`map          ${low.toFixed(4)} to ${high.toFixed(4)}`);
    await writeFile(out, encodePng(overlay(image, anomalyMap, low, high)));
    console.log(`overlay      ${out}`);
  } finally {
    await clip.dispose();
  }
}

/** Half the image in grey, half the map in colours: darkest at its lowest score, brightest at its highest. */
function overlay(image: Image, map: AnomalyMap, low: number, high: number): Image {
  const [height, width] = map.shape;
  const painted = createImage(height, width);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const colour = scoreColour(high > low ? (map.get(row, column) - low) / (high - low) : 0);
      const grey =
        0.299 * image.get(row, column, 0) +
        0.587 * image.get(row, column, 1) +
        0.114 * image.get(row, column, 2);
      for (let channel = 0; channel < 3; channel++) {
        painted.set(row, column, channel, Math.round((grey + colour[channel]) / 2));
      }
    }
  }
  return painted;
}

function rangeOf(map: AnomalyMap): { low: number; high: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const score of map.data) {
    low = Math.min(low, score);
    high = Math.max(high, score);
  }
  return { low, high };
}

const program = new Command('zero-shot')
  .description('Scores an image by two prompts (CLIP-AC) and paints the anomaly map over it.')
  .requiredOption('--model <folder or owner/name>', 'folder of a CLIP, or a repository of the hub')
  .requiredOption('--image <file>', 'PNG or JPEG')
  .requiredOption('--class <name>', 'what the image shows, e.g. "metal nut"')
  .option('--out <file>', 'where the overlay is written', 'overlay.png')
  .option('--preset <name>', 'plain (normal against anomalous) or ensemble (many prompts)', 'ensemble')
  .option('--value-attention-from <block>', 'first block of the value-value path', Number)
  .parse();
await main(program.opts<Options>()).catch(reportError);
