import { readFile } from 'node:fs/promises';
import { setUpBackend } from '@anomclip/core/backend';
import { loadClip } from '@anomclip/core/clip';
import { decodeImage } from '@anomclip/core/image';
import { normalise } from '@anomclip/core/tensor';
import * as tf from '@tensorflow/tfjs';
import { openModel } from '../shared/open-model.js';

// The shortest way from an image and texts to how alike they are, in a Node program: main.ts <model> <image> <text>…
const [model, file, ...texts] = process.argv.slice(2);
await setUpBackend('wasm');
const clip = await loadClip(await openModel(model)); // once, when the server starts

const { image } = await clip.encodeImages(await decodeImage(await readFile(file)));
const embeddings = clip.encodeText(texts);
const cosines = tf.tidy(() => tf.matMul(normalise(image), normalise(embeddings), false, true));
for (const [i, cosine] of (await cosines.data()).entries()) console.log(cosine.toFixed(4), texts[i]);

tf.dispose([image, embeddings, cosines]); // what a call gives is the caller's
await clip.dispose();
