import { FormatError } from '@anomclip/core';
import { createRng, type Rng } from '@anomclip/core/random';
import { zipSync } from 'fflate';
import ndarray from 'ndarray';
import { describe, expect, test } from 'vitest';
import type { CloudFile } from './cloud-file.js';
import { concat, fromBase64, latin1, pack, readFixture } from './fixtures/read-fixtures.js';
import { type NpyArray, readNpy, writeNpy } from './npy.js';
import { readNpz } from './npz.js';
import { readObj } from './obj.js';
import { readPcd } from './pcd.js';
import { writePcd } from './pcd-write.js';
import { readPly } from './ply.js';
import { writePly } from './ply-write.js';
import { readTxtCloud } from './txt-cloud.js';
import { readXyzTiff } from './xyz-tiff.js';

/** Damaged files per reader: 20 000 before a release, fewer every day. */
const MUTATIONS = Number(process.env.ANOMCLIP_MUTATIONS ?? 300);

const cloud = {
  positions: ndarray(
    Float32Array.from({ length: 60 }, (_, i) => Math.sin(i)),
    [20, 3],
  ),
  normals: ndarray(
    Float32Array.from({ length: 60 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
    [20, 3],
  ),
  colours: ndarray(
    Uint8Array.from({ length: 60 }, (_, i) => 4 * i),
    [20, 3],
  ),
  labels: Uint8Array.from({ length: 20 }, (_, i) => i & 1),
};
const triangles = Uint32Array.from({ length: 30 }, (_, i) => i % 20);
const grid = {
  xyz: ndarray(
    Float32Array.from({ length: 60 }, (_, i) => (i < 9 ? 0 : i)),
    [4, 5, 3],
  ),
};

/** 20 points whose LZF data has literals, short and long matches. */
function compressedPcd(): Uint8Array {
  const header =
    'VERSION 0.7\nFIELDS x y z rgb\nSIZE 4 4 4 4\nTYPE F F F U\nCOUNT 1 1 1 1\nWIDTH 5\nHEIGHT 4\nPOINTS 20\nDATA binary_compressed\n';
  // 4 literals, then 260 bytes from 4 back, then 8 from 8 back, then 48 single bytes.
  const tail = Array.from({ length: 48 }, (_, i) => [0, i]).flat();
  const data = Uint8Array.from([3, 0, 0, 128, 63, 7 << 5, 251, 3, 6 << 5, 7, ...tail]);
  return concat(latin1(header), pack('uint', 4, [data.length, 320]), data);
}

const strips = latin1(
  'ply\nformat ascii 1.0\nelement vertex 4\nproperty double x\nproperty float y\nproperty float z\nproperty list uchar int more\n' +
    'element tristrips 1\nproperty list int int vertex_indices\nend_header\n0 0 0 1 5\n1 0 0 0\n0 1 nan 0\n1 1 1e5 2 7 8\n7 0 1 3 -1 1 2 3\n',
);
const tiffs = Object.values(readFixture<{ files: Record<string, string> }>('xyz-tiff.json').files).map(
  fromBase64,
);
const { npy, npz } = readFixture<{ npy: Record<string, string>; npz: Record<string, string> }>('npy.json');

const readers: [name: string, read: (bytes: Uint8Array) => void, seeds: Uint8Array[]][] = [
  [
    'readPly',
    (bytes) => checkCloud(readPly(bytes)),
    [writePly(cloud, { triangles }), writePly(cloud, { format: 'ascii', triangles }), strips],
  ],
  [
    'readPcd',
    (bytes) => checkCloud(readPcd(bytes)),
    [
      writePcd(cloud),
      writePcd(grid),
      compressedPcd(),
      latin1(
        'VERSION .7\nFIELDS x y z rgb _\nSIZE 4 8 4 4 2\nTYPE F F F F I\nCOUNT 1 1 1 1 2\nWIDTH 2\nHEIGHT 2\nPOINTS 4\nDATA ascii\n' +
          '1 2 3 4e-39 0 0\nnan nan nan 0 0 0\n4.5 5 6 0 1 1\n7 8 9.25e3 0 2 2\n',
      ),
    ],
  ],
  [
    'readObj',
    (bytes) => checkCloud(readObj(bytes)),
    [
      latin1(
        '# mesh\nv 0 0 0\nv 1 0 0 1 0 0\nv 0 1 0\nv 0 0 1e-3\nvn 0 0 1\nvt 0 0\nf 1/1/1 2/1/1 3//1 -1\nf -1 \\\n-2 -3\n',
      ),
      latin1('v 500000 1 2\nv 500001 nan 2\nv 500002 1 3\nvn 1 0 0\nvn 1 0 0\nvn 0 1 0\nf 1 2 3 1 3\n'),
    ],
  ],
  [
    'readTxtCloud',
    (bytes) => checkCloud(readTxtCloud(bytes)),
    [
      latin1('x,y,z,label\n1.5,2,3,0\n4,5e-3,6,1\n7,8,9,1\n'),
      latin1('3\n1 2 3\n# comment\n4\t5\t6\n-7.0000000000000000001 nan 9\n'),
    ],
  ],
  ['readNpy', (bytes) => checkArray(readNpy(bytes)), Object.values(npy).map(fromBase64)],
  [
    'readNpz',
    (bytes) => {
      for (const array of readNpz(bytes).values()) checkArray(array);
    },
    [
      ...Object.values(npz).map(fromBase64),
      zipSync({ 'a.npy': writeNpy(cloud.positions), 'b.txt': latin1('b') }),
    ],
  ],
  [
    'readXyzTiff',
    (bytes) => {
      const { shape, data } = readXyzTiff(bytes).xyz;
      expect(data.length).toBe(shape[0] * shape[1] * 3);
      expect(data.every(Number.isFinite)).toBe(true);
    },
    tiffs,
  ],
];

describe.each(readers)('%s', (name, read, seeds) => {
  test(`gives a valid result or a FormatError for ${MUTATIONS} damaged files`, () => {
    for (const seed of seeds) tolerate(read, seed);
    for (let i = 0; i < MUTATIONS; i++) {
      const rng = createRng(name).fork(i);
      const bytes = mutate(seeds[rng.integer(0, seeds.length)], seeds, rng);
      try {
        tolerate(read, bytes);
      } catch (error) {
        const base64 = Buffer.from(bytes).toString('base64');
        throw new Error(`${name}, mutation ${i}: ${String(error)}\n${base64}`, { cause: error });
      }
    }
  }, 3_600_000);

  test('gives a FormatError or a valid result for every beginning of every file', () => {
    for (const seed of seeds) {
      const step = Math.ceil(seed.length / 400);
      for (let length = 0; length < seed.length; length += step) tolerate(read, seed.subarray(0, length));
    }
  });
});

function tolerate(read: (bytes: Uint8Array) => void, bytes: Uint8Array): void {
  try {
    read(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
}

/** One to four damages of the kinds that transfers, editors and attackers make. */
function mutate(seed: Uint8Array, seeds: readonly Uint8Array[], rng: Rng): Uint8Array {
  let bytes = new Uint8Array(seed);
  const damages: (() => Uint8Array<ArrayBuffer>)[] = [
    function flipBit() {
      if (bytes.length > 0) bytes[rng.integer(0, bytes.length)] ^= 1 << rng.integer(0, 8);
      return bytes;
    },
    function setByte() {
      if (bytes.length > 0)
        bytes[rng.integer(0, bytes.length)] = [0, 1, 0x7f, 0x80, 0xff, 0x30, 0x2d, 0x0a][rng.integer(0, 8)];
      return bytes;
    },
    function truncate() {
      return bytes.slice(0, rng.integer(0, bytes.length + 1));
    },
    function splice() {
      const other = seeds[rng.integer(0, seeds.length)];
      const start = rng.integer(0, other.length + 1);
      const piece = other.subarray(start, start + rng.integer(0, 64));
      const at = rng.integer(0, bytes.length + 1);
      const skipped = rng.boolean() ? piece.length : 0;
      return new Uint8Array(concat(bytes.subarray(0, at), piece, bytes.subarray(at + skipped)));
    },
    function replaceNumberInText() {
      const text = String.fromCharCode(...bytes);
      const numbers = [...text.matchAll(/\d+/g)];
      if (numbers.length === 0) return bytes;
      const { index, 0: number } = numbers[rng.integer(0, Math.min(numbers.length, 40))];
      const values = [
        '0',
        '-1',
        '4',
        '255',
        '65536',
        '4294967295',
        '99999999999999999999',
        '1e308',
        'nan',
        '',
        '0.5',
      ];
      return latin1(
        text.slice(0, index) + values[rng.integer(0, values.length)] + text.slice(index + number.length),
      ) as Uint8Array<ArrayBuffer>;
    },
    function setInteger() {
      const width = [2, 4, 8][rng.integer(0, 3)];
      if (bytes.length < width) return bytes;
      const value = [0, 1, 2, 0xffff, 0x10000, 0x7fffffff, 0xffffffff, 2 ** 40, bytes.length][
        rng.integer(0, 9)
      ];
      const at = rng.integer(0, Math.min(bytes.length, rng.boolean() ? 200 : bytes.length) - width + 1);
      bytes.set(pack('uint', width, [value], rng.boolean()), at);
      return bytes;
    },
  ];
  const count = rng.integer(1, 5);
  for (let i = 0; i < count; i++) bytes = damages[rng.integer(0, damages.length)]();
  return bytes;
}

function checkCloud({
  cloud,
  index,
  origin = [0, 0, 0],
  triangles,
  organised,
  image,
  labelGrid,
}: CloudFile): void {
  const count = index.length;
  const { positions, normals, colours, labels } = cloud;
  expect(positions.shape).toEqual([count, 3]);
  expect(positions.data.length).toBe(3 * count);
  expect(positions.data.every(Number.isFinite) && origin.every(Number.isFinite)).toBe(true);
  expect(index.every((row, i) => i === 0 || row > index[i - 1])).toBe(true);
  expect(normals?.data.length ?? 3 * count).toBe(3 * count);
  expect(normals?.data.every(Number.isFinite) ?? true).toBe(true);
  expect(colours?.data.length ?? 3 * count).toBe(3 * count);
  expect(labels?.length ?? count).toBe(count);
  expect((triangles?.length ?? 0) % 3).toBe(0);
  expect(triangles?.every((vertex) => vertex < count) ?? true).toBe(true);
  if (!organised) return;
  const [height, width] = organised.xyz.shape;
  expect(organised.xyz.data.length).toBe(3 * height * width);
  expect(organised.xyz.data.every(Number.isFinite)).toBe(true);
  expect(image?.data.length ?? 3 * height * width).toBe(3 * height * width);
  expect(labelGrid?.data.length ?? height * width).toBe(height * width);
}

function checkArray({ data, shape }: NpyArray): void {
  expect(data.length).toBe(shape.reduce((product, side) => product * side, 1));
}
