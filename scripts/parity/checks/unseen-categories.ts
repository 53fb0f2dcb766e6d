import { type Clip, encodePromptEnsemble, loadClip, type PromptEnsemble } from '@anomclip/core/clip';
import { type AnomalyMap, interpolate } from '@anomclip/core/image';
import { openFolder } from '@anomclip/core/node';
import { normalise } from '@anomclip/core/tensor';
import { auroc } from '@anomclip/metrics';
import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import { type Golden, largestError } from '../golden.js';
import type { Compare } from '../parity.js';

/**
 * The trained CLIP that lies beside the file, through `loadClip`: its vocabulary, embeddings, scores and maps of images of
 * categories it never saw, and the AUROCs that follow. On webgpu only every 20th image, and no AUROC: a software adapter
 * takes minutes for all.
 */
export async function checkUnseenCategories(golden: Golden, compare: Compare, folder: string): Promise<void> {
  const clip = await loadClip(await openFolder(folder));
  try {
    const tolerance = 1e-4;
    const prompts = promptsOf(golden);
    compare('prompt ids', differingIds(golden, clip, prompts), 0);
    const classes = encodePromptEnsemble(clip, prompts, 'object');
    const [normal, anomalous] = await classes.array();
    classes.dispose();
    compare('text_normal', largestError(normal, golden.values('expected.text_normal')), tolerance);
    compare('text_anomalous', largestError(anomalous, golden.values('expected.text_anomalous')), tolerance);
    const direction = anomalous.map((value, i) => value - normal[i]);
    for (const [name, valueAttentionFrom] of [
      ['maps_8x8', undefined],
      ['maps_value_value_8x8', Number(/block (\d+)/.exec(golden.setting('what') ?? '')?.[1] ?? 2)],
    ] as const) {
      await checkPath(golden, compare, clip, direction, name, valueAttentionFrom, tolerance);
    }
  } finally {
    await clip.dispose();
  }
}

async function checkPath(
  golden: Golden,
  compare: Compare,
  clip: Clip,
  direction: readonly number[],
  mapName: string,
  valueAttentionFrom: number | undefined,
  tolerance: number,
): Promise<void> {
  const pixels = [golden.uint8('normal_rgb'), golden.uint8('anomalous_rgb')];
  const [count, height, width] = pixels[0].shape;
  const stride = tf.getBackend() === 'webgpu' ? 20 : 1;
  const chosen = Array.from({ length: Math.ceil((2 * count) / stride) }, (_, i) => i * stride);
  const layer = clip.config.vision.layers;
  const found = { features: [] as number[], scores: [] as number[], maps: [] as number[] };
  for (let start = 0; start < chosen.length; start += imagesPerBatch) {
    const batch = chosen.slice(start, start + imagesPerBatch);
    const images = batch.map((i) => pixels[i < count ? 0 : 1].pick(i % count, null, null, null));
    const { image, patches } = await clip.encodeImages(images, {
      layers: [layer],
      valueAttentionFrom,
      projectPatches: true,
    });
    const outputs = tf.tidy(() => {
      const unit = normalise(image);
      const column = tf.tensor2d([...direction], [direction.length, 1]);
      const tokens = tf.reshape(normalise(patches.get(layer) as tf.Tensor3D), [-1, direction.length]);
      return [unit, tf.matMul(unit, column), tf.matMul(tokens as tf.Tensor2D, column)];
    });
    const [features, scores, maps] = await Promise.all(outputs.map((tensor) => tensor.data()));
    found.features.push(...features);
    found.scores.push(...scores);
    found.maps.push(...maps);
    tf.dispose([outputs, image, [...patches.values()]]);
  }

  const expected = (name: string) => {
    const size = golden
      .shape(name)
      .slice(1)
      .reduce((product, side) => product * side, 1);
    const values = golden.values(name);
    return chosen.flatMap((i) => [...values.subarray(i * size, (i + 1) * size)]);
  };
  const path = valueAttentionFrom === undefined ? 'plain' : 'value-value';
  const images = `${chosen.length} images, ${path}`;
  compare(
    `features (${images})`,
    largestError(found.features, expected('expected.image_features')),
    tolerance,
  );
  compare(`scores (${images})`, largestError(found.scores, expected('expected.image_scores')), tolerance);
  compare(`maps (${images})`, largestError(found.maps, expected(`expected.${mapName}`)), tolerance);
  if (stride === 1) {
    const side = golden.shape(`expected.${mapName}`)[1];
    const maps = chosen.map((i) => {
      const grid = Float32Array.from(found.maps.slice(i * side * side, (i + 1) * side * side));
      return interpolate(ndarray(grid, [side, side]), height, width);
    });
    checkAurocs(golden, compare, found.scores, maps, path);
  }
}

const imagesPerBatch = 20;

/** Per category and the mean over categories, as the file states them. */
function checkAurocs(
  golden: Golden,
  compare: Compare,
  scores: readonly number[],
  maps: readonly AnomalyMap[],
  path: string,
): void {
  const names = JSON.parse(golden.setting('categories') ?? '[]') as string[];
  const stated = JSON.parse(golden.setting('per_category') ?? '{}') as Record<string, Record<string, number>>;
  const mean = JSON.parse(golden.setting('mean') ?? '{}') as Record<string, number>;
  const pixelName = path === 'plain' ? 'pixel_auroc' : 'pixel_auroc_value_value';
  const categoryOf = golden.values('category');
  const masks = golden.uint8('anomalous_mask');
  const none = ndarray(new Uint8Array(masks.shape[1] * masks.shape[2]), masks.shape.slice(1));
  const aurocs = names.map((name, category) => {
    const own = [...categoryOf.keys()].filter((i) => categoryOf[i] === category);
    const rows = [...own, ...own.map((i) => i + categoryOf.length)];
    const image = auroc(
      Float64Array.from(rows, (i) => scores[i]),
      Uint8Array.from(rows, (i) => (i < categoryOf.length ? 0 : 1)),
    );
    const pixel = auroc(
      rows.map((i) => maps[i]),
      rows.map((i) => (i < categoryOf.length ? none : masks.pick(i - categoryOf.length, null, null))),
    );
    compare(`image AUROC of ${name}, ${path}`, Math.abs(image - stated[name].image_auroc), 1e-3);
    compare(`pixel AUROC of ${name}, ${path}`, Math.abs(pixel - stated[name][pixelName]), 1e-3);
    return { image, pixel };
  });
  const meanOf = (key: 'image' | 'pixel') => aurocs.reduce((sum, each) => sum + each[key], 0) / aurocs.length;
  compare(`image AUROC, mean, ${path}`, Math.abs(meanOf('image') - mean.image_auroc), 1e-3);
  compare(`pixel AUROC, mean, ${path}`, Math.abs(meanOf('pixel') - mean[pixelName]), 1e-3);
}

function promptsOf(golden: Golden): PromptEnsemble {
  const list = (name: string) => JSON.parse(golden.setting(name) ?? '[]') as string[];
  return {
    templates: list('prompt_templates'),
    states: { normal: list('states_normal'), anomalous: list('states_anomalous') },
  };
}

/** How many prompts have other ids than the file says; the order of the prompts does not matter to their mean. */
function differingIds(golden: Golden, { tokenizer }: Clip, { templates, states }: PromptEnsemble): number {
  let differing = 0;
  for (const [name, own] of Object.entries(states)) {
    const texts = templates.flatMap((template) =>
      own.map((state) => template.replace('{}', state.replace('{}', 'object'))),
    );
    const [rows, length] = golden.shape(`prompt_ids_${name}`);
    const ids = golden.values(`prompt_ids_${name}`);
    const wanted = new Set(
      Array.from({ length: rows }, (_, i) =>
        ids
          .subarray(i * length, (i + 1) * length)
          .join()
          .replace(/(,0)+$/, ''),
      ),
    );
    for (const row of tokenizer.encode(texts)) if (!wanted.has(row.join())) differing++;
  }
  return differing;
}
