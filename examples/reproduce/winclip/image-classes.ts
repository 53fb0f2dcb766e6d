import { readFile } from 'node:fs/promises';
import { AnomclipError } from '@anomclip/core';
import type { PromptEnsemble } from '@anomclip/core/clip';
import type { Image, Mask } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { readSafetensors } from '@anomclip/core/weights';
import { type Dataset, type KShotOptions, kShotSubset } from '@anomclip/datasets';
import { clipAcPresets } from '@anomclip/methods/clip-ac';
import ndarray from 'ndarray';
import { pickTestSamples } from '../../shared/pick-samples.js';

/** Images of some classes, from whatever source. */
export interface ImageClasses {
  /** As cells call it. */
  readonly name: string;
  readonly classes: readonly string[];
  /** The compositional ensemble for these classes. */
  readonly prompts: PromptEnsemble;
  /** k normal images to compare with, nested for one seed; none of them is tested. */
  references(className: string, k: number, seed: number): Promise<Image[]>;
  test(className: string, atMost?: number): readonly TestImage[];
}

export interface TestImage {
  readonly id: string;
  readonly label: 0 | 1;
  load(): Promise<{ readonly image: Image; readonly mask: Mask }>;
}

/** The classes of a dataset with images: references from its training split, by {@link kShotSubset}. */
export function datasetImages(
  dataset: Dataset,
  name: string,
  {
    prompts = clipAcPresets.ensemble.prompts,
    selection = 'random',
  }: { prompts?: PromptEnsemble | undefined; selection?: KShotOptions['selection'] } = {},
): ImageClasses {
  return {
    name,
    classes: dataset.classes,
    prompts,
    references: (className, k, seed) =>
      Promise.all(
        kShotSubset(dataset.samples({ className, split: 'train' }), k, { seed, selection }).map((sample) =>
          sample.loadImage(),
        ),
      ),
    test: (className, atMost) =>
      pickTestSamples(dataset.samples({ className, split: 'test' }), atMost).map((sample) => ({
        id: sample.id,
        label: sample.label,
        load: async () => ({ image: await sample.loadImage(), mask: await sample.loadMask() }),
      })),
  };
}

/** Normal images per category that are kept for references, and so never tested. */
const REFERENCES = 8;

/**
 * The categories that the prototype CLIP never saw, from its file: 25 normal and 25 anomalous images each. The first 8
 * normal ones are references, all others are tested, whatever the number of shots. Prompts are those of the file, which the
 * model's small vocabulary knows.
 */
export async function unseenCategories(file: string): Promise<ImageClasses> {
  const { tensors, metadata } = readSafetensors(await readFile(file));
  const tensor = (name: string) => {
    const found = tensors.get(name);
    if (!found) throw new AnomclipError(`${file} has no ${name}`);
    return found;
  };
  const texts = (name: string) => JSON.parse(metadata[name] ?? '[]') as string[];
  const classes = texts('categories');
  const category = tensor('category').data;
  const [, height, width] = tensor('normal_rgb').shape;
  const cut = (name: string, row: number, shape: number[]) => {
    const size = shape.reduce((product, side) => product * side, 1);
    return ndarray(Uint8Array.from(tensor(name).data.subarray(row * size, (row + 1) * size), Number), shape);
  };
  const rowsOf = (className: string) =>
    Array.from(category, Number).flatMap((of, row) => (classes[of] === className ? [row] : []));
  const image = (name: string, row: number): Image => cut(name, row, [height, width, 3]);
  return {
    name: 'unseen categories',
    classes,
    prompts: {
      templates: texts('prompt_templates'),
      states: { normal: texts('states_normal'), anomalous: texts('states_anomalous') },
    },
    async references(className, k, seed) {
      if (k > REFERENCES)
        throw new AnomclipError(`--shots: ${k} are more than the ${REFERENCES} references of a category`);
      const rows = rowsOf(className).slice(0, REFERENCES);
      const order = createRng(seed).fork('k-shot', className).permutation(rows.length);
      return Array.from(order.subarray(0, k), (index) => image('normal_rgb', rows[index]));
    },
    test(className, atMost = Number.POSITIVE_INFINITY) {
      const rows = rowsOf(className);
      const normal = rows.slice(REFERENCES).map((row): TestImage => {
        const load = async () => ({ image: image('normal_rgb', row), mask: noMask(height, width) });
        return { id: `${className}/normal/${row}`, label: 0, load };
      });
      const anomalous = rows.map((row): TestImage => {
        const load = async () => ({
          image: image('anomalous_rgb', row),
          mask: cut('anomalous_mask', row, [height, width]),
        });
        return { id: `${className}/anomalous/${row}`, label: 1, load };
      });
      return [...normal.slice(0, atMost / 2), ...anomalous.slice(0, atMost / 2)];
    },
  };
}

function noMask(height: number, width: number): Mask {
  return ndarray(new Uint8Array(height * width), [height, width]);
}
