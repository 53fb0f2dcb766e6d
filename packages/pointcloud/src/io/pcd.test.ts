import { FormatError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { concat, hasSharedData, latin1, pack, readShared } from './fixtures/read-fixtures.js';
import { readPcd } from './pcd.js';

interface Header {
  fields: string;
  size: string;
  type: string;
  count?: string;
  width: number;
  height?: number;
  data: string;
}

function pcd({ fields, size, type, count, width, height = 1, data }: Header): Uint8Array {
  const lines = [
    '# .PCD v0.7 - Point Cloud Data file format',
    'VERSION 0.7',
    `FIELDS ${fields}`,
    `SIZE ${size}`,
    `TYPE ${type}`,
    `COUNT ${
      count ??
      fields
        .split(' ')
        .map(() => 1)
        .join(' ')
    }`,
    `WIDTH ${width}`,
    `HEIGHT ${height}`,
    'VIEWPOINT 1 2 3 0 1 0 0',
    `POINTS ${width * height}`,
    `DATA ${data}`,
    '',
  ];
  return latin1(lines.join('\n'));
}

/** LZF without a single match: literals in runs of at most 32. */
function storeLzf(data: Uint8Array): Uint8Array {
  const runs: number[] = [];
  for (let i = 0; i < data.length; i += 32) {
    const run = data.subarray(i, i + 32);
    runs.push(run.length - 1, ...run);
  }
  return concat(pack('uint', 4, [runs.length, data.length]), Uint8Array.from(runs));
}

const everyType = {
  fields: 'a b c d e f g h _ z label y x i j',
  size: '1 2 4 8 1 2 4 8 3 4 2 8 4 4 8'.replace(' 3 ', ' 1 '),
  type: 'I I I I U U U U U F U F F F F',
  count: '1 1 1 1 1 1 1 1 3 1 1 1 1 1 2',
  width: 2,
};
const columns: [kind: 'int' | 'uint' | 'float', bytes: number, values: number[], perPoint?: number][] = [
  ['int', 1, [-100, 1]],
  ['int', 2, [-30_000, 2]],
  ['int', 4, [-2_000_000_000, 3]],
  ['int', 8, [-(2 ** 40), 4]],
  ['uint', 1, [200, 5]],
  ['uint', 2, [60_000, 6]],
  ['uint', 4, [4_000_000_000, 7]],
  ['uint', 8, [2 ** 50, 8]],
  ['uint', 1, [0, 0, 0, 0, 0, 0], 3],
  ['float', 4, [3, 6]],
  ['uint', 2, [11, 12]],
  ['float', 8, [2, 5]],
  ['float', 4, [1, 4]],
  ['float', 4, [0.25, 0.75]],
  ['float', 8, [0.1, 0.2, 0.3, 0.4], 2],
];

test.each([
  [
    'ascii',
    latin1(
      [0, 1]
        .map((row) =>
          columns.map(([, , values, n = 1]) => values.slice(row * n, row * n + n).join(' ')).join(' '),
        )
        .join('\n'),
    ),
  ],
  [
    'binary',
    concat(
      ...[0, 1].flatMap((row) =>
        columns.map(([kind, bytes, values, n = 1]) => pack(kind, bytes, values.slice(row * n, row * n + n))),
      ),
    ),
  ],
  [
    'binary_compressed',
    storeLzf(concat(...columns.map(([kind, bytes, values]) => pack(kind, bytes, values)))),
  ],
])('%s holds every type, size and count, x y z anywhere, and padding', (data, body) => {
  const { cloud, fields, viewpoint, organised } = readPcd(concat(pcd({ ...everyType, data }), body));
  expect([...cloud.positions.data]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(cloud.labels).toEqual(Uint16Array.of(11, 12));
  expect(viewpoint).toEqual([1, 2, 3, 0, 1, 0, 0]);
  expect(organised).toBeUndefined();
  expect([...fields.keys()].join('')).toBe('abcdefghzlabelyxij');
  const names = everyType.fields.split(' ');
  columns.forEach(([, , values, n = 1], i) => {
    if (names[i] !== '_')
      expect({ ...fields.get(names[i]), values: [...(fields.get(names[i])?.values ?? [])] }).toEqual({
        values,
        count: n,
      });
  });
});

test('HEIGHT above 1 gives the grid, its colours and labels, and the cloud of its finite points', () => {
  const header = pcd({
    fields: 'x y z rgb label',
    size: '4 4 4 4 4',
    type: 'F F F F U',
    width: 2,
    height: 2,
    data: 'binary',
  });
  const point = (x: number, y: number, z: number, rgb: number, label: number): Uint8Array =>
    concat(pack('float', 4, [x, y, z]), pack('uint', 4, [rgb, label]));
  const file = readPcd(
    concat(
      header,
      point(1, 2, 3, 0xffff8001, 5),
      point(NaN, NaN, NaN, 0x7f800102, 6),
      point(4, Infinity, 6, 3, 7),
      point(7, 8, 9, 0x102030, 8),
    ),
  );
  expect(file.organised?.xyz.shape).toEqual([2, 2, 3]);
  expect([...(file.organised?.xyz.data ?? [])]).toEqual([1, 2, 3, 0, 0, 0, 0, 0, 0, 7, 8, 9]);
  expect([...(file.image?.data ?? [])]).toEqual([0xff, 0x80, 1, 0x80, 1, 2, 0, 0, 3, 0x10, 0x20, 0x30]);
  expect(file.labelGrid?.shape).toEqual([2, 2]);
  expect([...(file.labelGrid?.data ?? [])]).toEqual([5, 6, 7, 8]);
  expect([...file.index]).toEqual([0, 3]);
  expect([...file.cloud.positions.data]).toEqual([1, 2, 3, 7, 8, 9]);
  expect([...(file.cloud.colours?.data ?? [])]).toEqual([0xff, 0x80, 1, 0x10, 0x20, 0x30]);
  expect(file.cloud.labels).toEqual(Uint32Array.of(5, 8));
});

test('packed colours are read from text as the bits of a float or as an integer', () => {
  const floatBits = new Float32Array(Uint32Array.of(0x00ff8040).buffer)[0];
  for (const [name, type, text] of [
    ['rgb', 'F', String(floatBits)],
    ['rgba', 'U', '4294934592'],
    ['rgb', 'I', '16744512'],
  ]) {
    const header = pcd({
      fields: `x y z ${name}`,
      size: '4 4 4 4',
      type: `F F F ${type}`,
      width: 1,
      data: 'ascii',
    });
    const { cloud } = readPcd(concat(header, latin1(`1 2 3 ${text}\n`)));
    expect([...(cloud.colours?.data ?? [])]).toEqual([0xff, 0x80, 0x40]);
  }
});

test('normals are read, and NaN normals are (0, 0, 0)', () => {
  const header = pcd({
    fields: 'x y z normal_x normal_y normal_z curvature',
    size: '4 4 4 4 4 4 4',
    type: 'F F F F F F F',
    width: 2,
    data: 'ascii',
  });
  const { cloud } = readPcd(concat(header, latin1('1 2 3 0 2 0 0.1\n4 5 6 nan nan nan nan\n')));
  expect([...(cloud.normals?.data ?? [])]).toEqual([0, 1, 0, 0, 0, 0]);
});

test('old headers without COUNT, WIDTH or HEIGHT and with Windows line ends are read', () => {
  const text =
    '# .PCD v.5\r\nVERSION .5\r\nCOLUMNS x y z\r\nSIZE 4 4 4\r\nTYPE F F F\r\nPOINTS 1\r\nDATA ascii\r\n1 2 3\r\n';
  expect([...readPcd(latin1(text)).cloud.positions.data]).toEqual([1, 2, 3]);
});

test('an empty cloud and a scan of NaN alone are empty clouds', () => {
  const fields = { fields: 'x y z', size: '4 4 4', type: 'F F F' };
  for (const data of ['ascii', 'binary', 'binary_compressed']) {
    expect(readPcd(pcd({ ...fields, width: 0, data })).cloud.positions.shape).toEqual([0, 3]);
  }
  const file = readPcd(
    concat(pcd({ ...fields, width: 1, height: 2, data: 'ascii' }), latin1('nan nan nan\nnan nan nan')),
  );
  expect(file.cloud.positions.shape).toEqual([0, 3]);
  expect([...(file.organised?.xyz.data ?? [])]).toEqual([0, 0, 0, 0, 0, 0]);
});

const plain = { fields: 'x y z', size: '4 4 4', type: 'F F F' };
test.each<[string, Uint8Array, RegExp]>([
  ['nothing', new Uint8Array(0), /no DATA line/],
  ['another file', latin1('ply\nformat ascii 1.0\n'), /unknown header line "ply"/],
  ['no fields', latin1('VERSION 0.7\nDATA ascii\n'), /no FIELDS/],
  [
    'fields without z',
    pcd({ fields: 'x y', size: '4 4', type: 'F F', width: 0, data: 'ascii' }),
    /no fields x, y and z among x y/,
  ],
  [
    'sizes of other fields',
    pcd({ ...plain, size: '4 4', width: 0, data: 'ascii' }),
    /SIZE has 2 entries for 3 fields/,
  ],
  ['a float of two bytes', pcd({ ...plain, size: '4 4 2', width: 0, data: 'ascii' }), /TYPE F and SIZE 2/],
  [
    'two fields of one name',
    pcd({ fields: 'x y z x', size: '4 4 4 4', type: 'F F F F', width: 0, data: 'ascii' }),
    /two fields "x"/,
  ],
  ['a negative width', pcd({ ...plain, width: -1, data: 'ascii' }), /POINTS is "-1"/],
  ['an unknown encoding', pcd({ ...plain, width: 1, data: 'zip' }), /unknown DATA "zip"; known are ascii/],
  [
    'POINTS that are not WIDTH × HEIGHT',
    latin1('FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nWIDTH 2\nHEIGHT 2\nPOINTS 3\nDATA ascii\n'),
    /POINTS is 3/,
  ],
  ['too few records', pcd({ ...plain, width: 40_000_000, data: 'binary' }), /too short for 40000000/],
  ['too little text', pcd({ ...plain, width: 40_000_000, data: 'ascii' }), /too short/],
  [
    'text that ends early',
    concat(pcd({ ...plain, width: 2, data: 'ascii' }), latin1('1.25 2.25 3.25\n4\n')),
    /expected a number, got the end of the file/,
  ],
  [
    'a word for a number',
    concat(pcd({ ...plain, width: 1, data: 'ascii' }), latin1('1 two 3\n')),
    /line 12: expected a number, got "two"/,
  ],
  ['more points than the limit', pcd({ ...plain, width: 999_999_999, data: 'binary' }), /limit is 50000000/],
  [
    'an inflated size of other fields',
    concat(pcd({ ...plain, width: 1, data: 'binary_compressed' }), pack('uint', 4, [0, 13])),
    /13 bytes long, 1 points take 12/,
  ],
  [
    'a compressed size beyond the file',
    concat(pcd({ ...plain, width: 1, data: 'binary_compressed' }), pack('uint', 4, [99, 12])),
    /too short/,
  ],
])('%s is refused', (_, bytes, message) => {
  expect(() => readPcd(bytes)).toThrow(FormatError);
  expect(() => readPcd(bytes)).toThrow(message);
});

test('maxInflatedBytes is obeyed before anything is inflated', () => {
  const bytes = concat(pcd({ ...plain, width: 10, data: 'binary_compressed' }), pack('uint', 4, [9, 120]));
  expect(() => readPcd(bytes, { maxInflatedBytes: 119 })).toThrow('inflates to 120 bytes, the limit is 119');
});

test.skipIf(!hasSharedData)(
  'the organised scans learn0 and learn12 are 640 × 480 with labels (skipped without ../shared)',
  () => {
    for (const [name, finite] of [
      ['learn0', 182_292],
      ['learn12', 208_644],
    ] as const) {
      const { cloud, index, organised, image, labelGrid } = readPcd(readShared(`rgbd/${name}.pcd`));
      expect(organised?.xyz.shape).toEqual([480, 640, 3]);
      expect(image?.shape).toEqual([480, 640, 3]);
      expect(labelGrid?.shape).toEqual([480, 640]);
      expect(cloud.positions.shape).toEqual([finite, 3]);
      expect(new Set(cloud.labels)).toEqual(new Set([1, 20, 30]));
      for (const i of [0, 1000, finite - 1]) {
        const cell = [0, 1, 2].map((axis) => organised?.xyz.data[3 * index[i] + axis]);
        expect(cell).toEqual([0, 1, 2].map((axis) => cloud.positions.data[3 * i + axis]));
      }
    }
  },
);

test.skipIf(!hasSharedData)(
  'the single objects cat and milk have the points their headers say (skipped without ../shared)',
  () => {
    const cat = readPcd(readShared('rgbd/cat.pcd'));
    expect(cat.cloud.positions.shape).toEqual([3400, 3]);
    expect([...cat.cloud.positions.data.slice(0, 3)]).toEqual(
      [-16.7766819, 21.28823853, 30.91943932].map(Math.fround),
    );
    const milk = readPcd(readShared('rgbd/milk.pcd'));
    expect(milk.cloud.positions.shape).toEqual([12_575, 3]);
    expect(milk.cloud.colours?.shape).toEqual([12_575, 3]);
  },
);
