import * as tf from '@tensorflow/tfjs';
import ndarray from 'ndarray';
import { beforeAll, expect, test } from 'vitest';
import { setUpBackend } from '../backend/index.js';
import { AnomclipError, ArgumentError, FormatError, ShapeError } from '../errors.js';
import { createImage } from '../image/index.js';
import { tinyClipFiles, tinyConfig } from '../testing/tiny-clip.fixture.js';
import { readSafetensors, writeSafetensors } from '../weights/index.js';
import { Clip, loadClip } from './load-clip.js';
import { encodePromptEnsemble } from './prompts.js';
import { TextTower } from './text.js';
import { TextTooLongError } from './tokenizer.js';

beforeAll(async () => {
  await setUpBackend('cpu');
});

const image = createImage(10, 14);
image.data.forEach((_, i) => {
  image.data[i] = (i * 37) % 256;
});

test('a folder gives the whole model, and disposing it frees what it made and nothing else', async () => {
  const mine = tf.scalar(1);
  const before = tf.memory().numTensors;
  const clip = await loadClip(tinyClipFiles());
  expect(clip.config).toEqual(tinyConfig);
  const features = await clip.encodeImages([image, image], { layers: [1, 3], projectPatches: true });
  const embeddings = clip.encodeText(['a flawless part', 'ab']);
  expect([features.image.shape, features.patches.get(3)?.shape, embeddings.shape]).toEqual([
    [2, 6],
    [2, 4, 6],
    [2, 6],
  ]);
  tf.dispose([features.image, [...features.patches.values()]]);
  await clip.dispose();
  await clip.dispose();
  expect(tf.memory().numTensors).toBe(before + 1); // the embeddings are the caller's
  embeddings.dispose();
  expect(mine.isDisposed).toBe(false);
  mine.dispose();
});

test('one tower can be loaded at a time, and the other says how to get it', async () => {
  const before = tf.memory().numTensors;
  const text = await loadClip(tinyClipFiles(), { towers: ['text'] });
  expect(tf.memory().numTensors - before).toBe(4 + 3 * 12); // no weight of the vision tower
  expect(() => text.vision).toThrow(/load it with \{ towers: \['vision'\] \}/);
  await text.dispose();
  const vision = await loadClip(
    tinyClipFiles((files) => delete files['vocabulary.json']),
    { towers: ['vision'] },
  );
  expect(() => vision.encodeText('a part')).toThrow(ArgumentError);
  await vision.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('a thousand encodes, of images and of texts, keep memory flat', async () => {
  const clip = await loadClip(tinyClipFiles());
  const pixels = clip.preprocess(image);
  const [tensors, bytes] = [tf.memory().numTensors, tf.memory().numBytes];
  for (let i = 0; i < 500; i++) {
    const { image: embedding, patches } = await clip.vision.encode(pixels, {
      layers: [2],
      projectPatches: true,
    });
    tf.dispose([embedding, [...patches.values()], clip.encodeText('a damaged part')]);
  }
  expect([tf.memory().numTensors, tf.memory().numBytes]).toEqual([tensors, bytes]);
  pixels.dispose();
  await clip.dispose();
});

test('an encoder of another engine can stand in for the vision tower', async () => {
  let disposed = false;
  const clip = await loadClip(tinyClipFiles(), {
    openImageEncoder: async (_checkpoint, { vision, embeddingWidth }) => ({
      config: vision,
      embeddingWidth,
      encode: () => ({ image: tf.zeros([1, embeddingWidth]), patches: new Map() }),
      dispose: async () => {
        disposed = true;
      },
    }),
  });
  expect((await clip.encodeImages(image)).image.shape).toEqual([1, 6]);
  await clip.dispose();
  expect(disposed).toBe(true);
});

test('without a configuration the shapes of the weights say it, or the name that is given', async () => {
  const files = tinyClipFiles((all) => delete all['open_clip_config.json']);
  await expect(loadClip(files)).rejects.toThrow(/pass the configuration, or headWidth/); // heads of 64 do not fit
  const clip = await loadClip(files, { config: tinyConfig });
  expect(clip.config).toBe(tinyConfig);
  await clip.dispose();
  await expect(loadClip(files, { config: 'ViT-B-33' })).rejects.toThrow(
    /there is no model called "ViT-B-33"/,
  );
});

test('weights of another architecture are refused, and nothing leaks', async () => {
  const before = tf.memory().numTensors;
  await expect(loadClip(tinyClipFiles(), { config: 'ViT-B-32' })).rejects.toThrow(
    /has shape \[.*\], the configuration says \[.*\]; choose the configuration that belongs/,
  );
  const files = tinyClipFiles((all) => {
    const { tensors } = readSafetensors(all['open_clip_model.safetensors'] as Uint8Array);
    tensors.delete('visual.proj');
    all['open_clip_model.safetensors'] = writeSafetensors(Object.fromEntries(tensors));
  });
  await expect(loadClip(files)).rejects.toThrow(FormatError);
  await expect(loadClip(files)).rejects.toThrow(/visual.proj is missing/);
  expect(tf.memory().numTensors).toBe(before);
});

test('bad input is refused with what to do', async () => {
  const clip = await loadClip(tinyClipFiles());
  expect(() => clip.encodeText('a '.repeat(20))).toThrow(TextTooLongError);
  expect(clip.encodeText('a '.repeat(20), { truncate: true }).shape).toEqual([1, 6]);
  expect(() => clip.preprocess(ndarray(new Uint8Array(12), [2, 2, 3]).pick(-1, -1, 0))).toThrow(ShapeError);
  await expect(async () => clip.vision.encode(tf.zeros([1, 9, 8, 3]))).rejects.toThrow(
    /expected \[B, 8, 8, 3\], or other sides that are multiples of 4, got \[1, 9, 8, 3\]/,
  );
  await expect(loadClip(tinyClipFiles(), { towers: ['audio' as 'text'] })).rejects.toThrow(AnomclipError);
  await clip.dispose();
});

test('the prompts of both classes become unit rows, normal first; raw means when asked', async () => {
  const clip = await loadClip(tinyClipFiles());
  const before = tf.memory().numTensors;
  const ensemble = {
    templates: ['a {}', 'b {}'],
    states: { normal: ['flawless {}'], anomalous: ['damaged {}', 'a damaged {}'] },
  };
  const texts = [
    ['a flawless part', 'b flawless part'],
    ['a damaged part', 'a a damaged part', 'b damaged part', 'b a damaged part'],
  ];
  for (const unitLength of [true, false]) {
    const rows = await encodePromptEnsemble(clip, ensemble, 'part', { unitLength }).array();
    for (const [row, prompts] of texts.entries()) {
      const single = await Promise.all(prompts.map((prompt) => clip.encodeText(prompt).data()));
      const units = single.map((values) => (unitLength ? unit([...values]) : [...values]));
      const mean = units[0].map((_, i) => units.reduce((sum, values) => sum + values[i], 0) / units.length);
      const expected = unitLength ? unit(mean) : mean;
      for (const [i, value] of expected.entries()) expect(rows[row][i]).toBeCloseTo(value, 5);
    }
  }
  expect(tf.memory().numTensors).toBe(before + 2 + 2 * 6);
  expect(() => encodePromptEnsemble(clip, { ...ensemble, templates: ['no hole'] }, 'part')).toThrow(
    /texts with one \{\} each, got "no hole"/,
  );
  expect(tf.memory().numTensors).toBe(before + 2 + 2 * 6);
  await clip.dispose();
});

test('a model can be made of parts', async () => {
  const whole = await loadClip(tinyClipFiles(), { towers: ['text'] });
  expect(whole.text).toBeInstanceOf(TextTower);
  const clip = new Clip(tinyConfig, { text: whole.text, tokenizer: whole.tokenizer });
  expect(clip.encodeText([' part']).shape).toEqual([1, 6]);
  await clip.dispose();
});

function unit(values: readonly number[]): number[] {
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}
