import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from 'vitest';
import { FormatError } from '../errors.js';
import { largestDifference } from '../testing/arrays.fixture.js';
import { mutationCount, readMutations } from '../testing/mutations.fixture.js';
import { decodeImage } from './decode-image.js';
import { decodeJpeg } from './decode-jpeg.js';
import { encodePng } from './encode-png.js';

const [width, height] = [40, 24];
/** Smooth, so that a JPEG of high quality comes close to it; red, green and blue differ. */
const rgba = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) => {
  const x = (i >> 2) % width;
  const y = Math.floor((i >> 2) / width);
  return [40 + 4 * x, 200 - 3 * y, 60 + 2 * x + 3 * y, 255][i % 4];
});
const rgb = rgba.filter((_, i) => i % 4 !== 3);

const files: Record<string, Uint8Array> = {};
beforeAll(async () => {
  const { default: encode, init } = await import('@jsquash/jpeg/encode.js');
  const path = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm');
  const initialise = init as unknown as (module: WebAssembly.Module) => Promise<void>;
  await initialise(await WebAssembly.compile(await readFile(path)));
  const image = { data: rgba, width, height, colorSpace: 'srgb' } as ImageData;
  for (const [name, options] of Object.entries({
    baseline: { baseline: true, progressive: false },
    progressive: { progressive: true },
    grey: { color_space: 1 },
    'full chroma': { auto_subsample: false, chroma_subsample: 1 },
  })) {
    files[name] = new Uint8Array(await encode(image, { quality: 97, ...options }));
  }
  Reflect.deleteProperty(globalThis, 'ImageData'); // the encoder's
});

test.each(['baseline', 'progressive', 'full chroma'])('a %s file gives its colours back', async (name) => {
  const image = await decodeJpeg(files[name]);
  expect(image.shape).toEqual([height, width, 3]);
  expect(largestDifference(image.data, rgb)).toBeLessThan(12);
});

test('a grey file gives three equal channels', async () => {
  const { data } = await decodeJpeg(files.grey);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const luma = 0.299 * rgb[3 * pixel] + 0.587 * rgb[3 * pixel + 1] + 0.114 * rgb[3 * pixel + 2];
    expect(Math.abs(data[3 * pixel] - luma)).toBeLessThan(6);
    expect(data[3 * pixel + 1]).toBe(data[3 * pixel]);
    expect(data[3 * pixel + 2]).toBe(data[3 * pixel]);
  }
});

test('several files at once do not disturb each other, nor does a damaged one among them', async () => {
  const alone = await decodeJpeg(files.baseline);
  const results = await Promise.allSettled([
    decodeJpeg(files.baseline),
    decodeJpeg(files.progressive.subarray(0, 300)),
    decodeJpeg(files.grey),
    decodeJpeg(files.baseline),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(results[3]).toMatchObject({ value: { data: alone.data } });
});

test('nothing global is left behind', async () => {
  const before = Object.getOwnPropertyNames(globalThis);
  await decodeJpeg(files.baseline);
  expect(Object.getOwnPropertyNames(globalThis)).toEqual(before);
  expect('ImageData' in globalThis).toBe(false);
});

test('decodeImage tells PNG and JPEG apart by their first bytes', async () => {
  const jpeg = await decodeImage(files.baseline);
  expect(jpeg.data).toEqual((await decodeJpeg(files.baseline)).data);
  expect((await decodeImage(encodePng(jpeg))).data).toEqual(jpeg.data);
  await expect(decodeImage(Uint8Array.of(0x47, 0x49, 0x46))).rejects.toThrow(
    'image: neither PNG nor JPEG, starts with 47 49 46; convert it to PNG',
  );
  await expect(decodeImage(new Uint8Array(0))).rejects.toThrow(FormatError);
});

describe('hostile files', () => {
  /** The file with another size in its frame header. */
  function resized(file: Uint8Array, newWidth: number, newHeight: number): Uint8Array {
    const copy = file.slice();
    const frame = copy.findIndex((byte, i) => byte === 0xff && [0xc0, 0xc2].includes(copy[i + 1]));
    new DataView(copy.buffer).setUint16(frame + 5, newHeight);
    new DataView(copy.buffer).setUint16(frame + 7, newWidth);
    return copy;
  }

  test.each(['baseline', 'progressive'])('a %s file cut off anywhere is refused', async (name) => {
    const file = files[name];
    for (let length = 0; length < file.length; length += 17) {
      await expect(decodeJpeg(file.subarray(0, length))).rejects.toThrow(FormatError);
    }
    expect((await decodeJpeg(file)).shape).toEqual([height, width, 3]);
  });

  test('a size beyond maxPixels is refused before decoding', async () => {
    await expect(decodeJpeg(files.baseline, { maxPixels: width * height - 1 })).rejects.toThrow(
      'JPEG: 40 × 24 is more than 959 pixels; raise maxPixels',
    );
    await expect(decodeJpeg(resized(files.baseline, 65535, 65535))).rejects.toThrow(
      'more than 100000000 pixels',
    );
    await expect(decodeJpeg(resized(files.baseline, 0, 24))).rejects.toThrow(
      'JPEG: the image is 0 × 24 pixels',
    );
  });

  test('a size that the bytes cannot code is refused before decoding', async () => {
    await expect(decodeJpeg(resized(files.baseline, 9000, 9000))).rejects.toThrow('cannot hold 9000 × 9000');
  });

  test('thousands of scans are refused', async () => {
    const scans = new Uint8Array(1000).map((_, i) => [0xff, 0xda][i % 2]);
    await expect(decodeJpeg(Buffer.concat([files.progressive, scans]))).rejects.toThrow(
      'scans, more than 200',
    );
  });

  test('what is no JPEG, or has no image, is refused', async () => {
    await expect(decodeJpeg(encodePng(await decodeJpeg(files.grey)))).rejects.toThrow(
      'does not start as a JPEG',
    );
    await expect(decodeJpeg(Uint8Array.of(0xff, 0xd8))).rejects.toThrow('before the frame header');
    await expect(decodeJpeg(Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 2))).rejects.toThrow(
      'before the frame header',
    );
  });

  test(`${mutationCount} damaged files are read or refused`, async () => {
    const { valid, refused } = await readMutations(Object.values(files), async (bytes) => {
      const image = await decodeJpeg(bytes, { maxPixels: 1e5 });
      expect(image.data).toHaveLength(image.shape[0] * image.shape[1] * 3);
      expect(image.size).toBeLessThanOrEqual(3e5);
    });
    expect(valid).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(valid);
  }, 600_000);
});
