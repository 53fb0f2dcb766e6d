import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AnomclipError } from '@anomclip/core';
import { encodePng } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import { cloudRows } from './cloud-rows.js';
import { imageRows } from './image-rows.js';
import { normalClouds, normalImages } from './normal-data.js';
import { type GalleryOptions, parseOptions } from './options.js';
import { renderPage } from './page.js';
import { arranged } from './pictures.js';

/** Every generator on every normal image and cloud, as a page and as two pictures. */
async function main(options: GalleryOptions): Promise<void> {
  const rng = createRng(options.seed);
  const images = normalImages(options);
  const clouds = normalClouds(options);
  const sections = [
    { title: 'Images', rows: imageRows(images, rng.fork('images')) },
    { title: 'Clouds', rows: cloudRows(clouds, images, options.size, rng.fork('clouds')) },
  ];
  await mkdir(options.out, { recursive: true });
  for (const { title, rows } of sections) {
    const sheet = arranged(
      rows.map(({ pictures }) => pictures),
      4,
    );
    await writeFile(join(options.out, `${title.toLowerCase()}.png`), encodePng(sheet));
    console.log(`${title}: ${rows.map((row) => row.title).join('; ')}`);
  }
  await writeFile(join(options.out, 'index.html'), renderPage(sections));
  console.log(`Gallery: ${pathToFileURL(resolve(options.out, 'index.html'))}`);
}

try {
  await main(parseOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof AnomclipError)) throw error;
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}
