import { expect, test } from 'vitest';
import { FormatError } from '../errors.js';
import { readMutations } from '../testing/mutations.fixture.js';
import { byteSource } from './byte-source.js';
import { safetensorsCheckpoint } from './checkpoint.js';
import { openSafetensors } from './open-safetensors.js';
import { readSafetensors } from './read-safetensors.js';
import { writeSafetensors } from './write-safetensors.js';

const file = writeSafetensors({
  wide: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
  half: { dtype: 'F16', shape: [3], data: Uint16Array.of(0x3c00, 0xc000, 0) },
  none: { shape: [0, 5], data: new Float32Array(0) },
  one: { shape: [], data: Uint8Array.of(9) },
});

test('tensors come one by one, as float32, with the values of reading the whole file', async () => {
  const reads: number[] = [];
  const { read, ...source } = byteSource(file);
  const counted = {
    ...source,
    read: (start: number, end: number) => {
      reads.push(end - start);
      return read(start, end);
    },
  };
  const checkpoint = await openSafetensors(counted);
  const whole = safetensorsCheckpoint(readSafetensors(file));
  expect(checkpoint.shapes).toEqual(whole.shapes);
  for (const name of whole.shapes.keys()) {
    const values = await checkpoint.read(name);
    expect(values).toEqual(await whole.read(name));
    expect(reads.at(-1)).toBeLessThanOrEqual(16);
  }
  await expect(checkpoint.read('other')).rejects.toThrow(
    'the name of a weight in the file (none, wide, half',
  );
});

test('what is read belongs to the reader', async () => {
  const checkpoint = await openSafetensors(byteSource(file));
  (await checkpoint.read('wide')).fill(0);
  expect([...(await checkpoint.read('wide'))]).toEqual([1, 2, 3, 4]);
});

test('cut off and damaged files are refused as they are when read whole', async () => {
  for (let length = 0; length < file.length; length++) {
    const open = openSafetensors(byteSource(file.subarray(0, length)));
    await expect(open, `${length} bytes`).rejects.toThrow(FormatError);
  }
  await expect(openSafetensors(byteSource(file), { maxHeaderBytes: 10 })).rejects.toThrow(
    'raise maxHeaderBytes',
  );
  await readMutations([file], async (bytes) => {
    const refusal = (open: () => unknown) => {
      try {
        open();
        return undefined;
      } catch (error) {
        return (error as Error).message;
      }
    };
    const whole = refusal(() => readSafetensors(bytes));
    const opened = await openSafetensors(byteSource(bytes)).then(
      () => undefined,
      (error: Error) => error.message,
    );
    expect(opened).toBe(whole);
  });
});
