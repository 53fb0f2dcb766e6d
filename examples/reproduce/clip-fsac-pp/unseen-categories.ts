import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { PromptEnsemble } from '@anomclip/core/clip';
import { readSafetensors, type Safetensors, toFloat32 } from '@anomclip/core/weights';
import { createMvtecAdWriter, type Dataset, openDataset } from '@anomclip/datasets';
import ndarray from 'ndarray';
import { clipSource } from '../driver/open-clip.js';

/** What cells call this data. */
export const unseenCategories = 'unseen categories';

/** Pairs of a category whose normal images are trained on; of these the anomalous ones are not used at all. */
const trainPairs = 8;

/** Whether they lie beside the CLIP that is used without `--clip`. */
export function hasUnseenCategories(): boolean {
  return existsSync(pairsFile());
}

/**
 * The 200 pairs of images that lie beside the prototype CLIP, of eight categories that it was not trained on, written to
 * `output/` as MVTec AD: 8 normal images to train on, 17 normal and 17 anomalous ones to test.
 */
export async function openUnseenCategories(classes?: readonly string[]): Promise<Dataset> {
  const bytes = await readFile(pairsFile());
  // Named by its content, so that what is there is what would be written, and other processes may be reading it.
  const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  const folder = `output/${unseenCategories.replace(' ', '-')}-${hash}`;
  if (!existsSync(folder)) {
    await mkdir('output', { recursive: true });
    const partial = await mkdtemp('output/.unseen-categories.partial-');
    try {
      await writePairs(readSafetensors(bytes), join(partial, 'complete'));
      await rename(join(partial, 'complete'), folder).catch((error: unknown) => {
        if (!existsSync(folder)) throw error; // else another process was faster
      });
    } finally {
      await rm(partial, { recursive: true, force: true });
    }
  }
  return openDataset(folder, classes ? { classes } : {});
}

async function writePairs(file: Safetensors, folder: string): Promise<void> {
  const names = JSON.parse(file.metadata.categories) as string[];
  const categories = valuesOf(file, 'category');
  const [normals, anomalous] = ['normal_rgb', 'anomalous_rgb'].map((name) => imagesOf(file, name));
  const masks = imagesOf(file, 'anomalous_mask');
  const writer = await createMvtecAdWriter(folder);
  const seen = new Map<string, number>();
  for (const [i, category] of categories.entries()) {
    const className = names[category];
    const pair = seen.get(className) ?? 0;
    seen.set(className, pair + 1);
    const written = { className, stem: String(pair).padStart(3, '0') };
    const split = pair < trainPairs ? 'train' : 'test';
    await writer.write({ ...written, split, defectType: 'good', image: normals[i] });
    if (split === 'train') continue;
    await writer.write({ ...written, split, defectType: 'defect', image: anomalous[i], mask: masks[i] });
  }
}

/** The prompts that the prototype CLIP knows the words of. */
export async function prototypePrompts(): Promise<PromptEnsemble> {
  const { metadata } = readSafetensors(await readFile(pairsFile()));
  const texts = (name: string) => JSON.parse(metadata[name]) as string[];
  return {
    templates: texts('prompt_templates'),
    states: { normal: texts('states_normal'), anomalous: texts('states_anomalous') },
  };
}

function pairsFile(): string {
  return join(clipSource(undefined), 'unseen-categories.safetensors');
}

function imagesOf(file: Safetensors, name: string) {
  const [count, ...shape] = file.tensors.get(name)?.shape ?? [0];
  const values = Uint8Array.from(valuesOf(file, name));
  const size = values.length / count;
  return Array.from({ length: count }, (_, i) => ndarray(values.subarray(i * size, (i + 1) * size), shape));
}

function valuesOf({ tensors }: Safetensors, name: string): Float32Array {
  const tensor = tensors.get(name);
  if (!tensor) throw new Error(`unseen-categories.safetensors has no ${name}`);
  return toFloat32(tensor);
}
