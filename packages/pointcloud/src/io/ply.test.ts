import { FormatError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { concat, hasSharedData, latin1, pack, readShared } from './fixtures/read-fixtures.js';
import { readPly } from './ply.js';

const ply = (format: string, ...lines: string[]): Uint8Array =>
  latin1(['ply', `format ${format} 1.0`, ...lines, 'end_header', ''].join('\n'));
const xyz = ['property float x', 'property float y', 'property float z'];

test('an ascii file gives positions, normals, colours, labels and fans of its polygons', () => {
  const file = readPly(
    latin1(`ply\nformat ascii 1.0\ncomment by hand\nobj_info none
element vertex 4
property double x\nproperty float y\nproperty short z
property float nx\nproperty float ny\nproperty float nz
property uchar red\nproperty uchar green\nproperty uchar blue\nproperty int label
element face 2
property list uchar int vertex_index
end_header
0 0 0 0 0 1 255 0 1 7
1 0.5 0 0 0 1 255 0 2 -8
1 1.25e0 2 0 2 0 255 0 3 9
0 1 3 1 0 0 255 0 4 10
4 0 1 2 3
3 3 1 0
`),
  );
  expect([...file.cloud.positions.data]).toEqual([0, 0, 0, 1, 0.5, 0, 1, 1.25, 2, 0, 1, 3]);
  expect([...(file.cloud.normals?.data ?? [])]).toEqual([0, 0, 1, 0, 0, 1, 0, 1, 0, 1, 0, 0]);
  expect([...(file.cloud.colours?.data ?? [])].filter((_, i) => i % 3 === 2)).toEqual([1, 2, 3, 4]);
  expect(file.cloud.labels).toEqual(Int32Array.of(7, -8, 9, 10));
  expect([...(file.triangles ?? [])]).toEqual([0, 1, 2, 0, 2, 3, 3, 1, 0]);
  expect(file.comments).toEqual(['by hand']);
  expect(file.elements.get('vertex')?.properties.get('z')?.values).toEqual(Int16Array.of(0, 0, 2, 3));
});

test.each([
  ['binary_little_endian', true],
  ['binary_big_endian', false],
])('%s holds every scalar type under both of its names', (format, little) => {
  const types: [string, string, 'int' | 'uint' | 'float', number, number][] = [
    ['char', 'int8', 'int', 1, -100],
    ['uchar', 'uint8', 'uint', 1, 200],
    ['short', 'int16', 'int', 2, -30_000],
    ['ushort', 'uint16', 'uint', 2, 60_000],
    ['int', 'int32', 'int', 4, -2_000_000_000],
    ['uint', 'uint32', 'uint', 4, 4_000_000_000],
    ['float', 'float32', 'float', 4, 0.5],
    ['double', 'float64', 'float', 8, 1 / 3],
  ];
  for (const alias of [0, 1] as const) {
    const properties = types.map((type, i) => `property ${type[alias]} p${i}`);
    const header = ply(format, 'element vertex 2', ...properties, ...xyz);
    const row = [
      ...types.map(([, , kind, bytes, value]) => pack(kind, bytes, [value], little)),
      pack('float', 4, [1, 2, 3], little),
    ];
    const { cloud, elements } = readPly(concat(header, ...row, ...row));
    expect([...cloud.positions.data]).toEqual([1, 2, 3, 1, 2, 3]);
    types.forEach(([, , , , value], i) => {
      expect([...(elements.get('vertex')?.properties.get(`p${i}`)?.values ?? [])]).toEqual([value, value]);
    });
  }
});

test.each([
  ['binary_little_endian', true],
  ['binary_big_endian', false],
])('%s may have lists before, inside and after the vertices', (format, little) => {
  const file = readPly(
    concat(
      ply(
        format,
        'element extra 1',
        'property list ushort double values',
        'element vertex 2',
        'property float x',
        'property list uchar short tags',
        'property float y',
        'property float z',
        'element face 1',
        'property uchar flags',
        'property list uint uint vertex_indices',
      ),
      pack('uint', 2, [2], little),
      pack('float', 8, [0.1, 0.2], little),
      pack('float', 4, [1], little),
      pack('uint', 1, [3], little),
      pack('int', 2, [-1, -2, -3], little),
      pack('float', 4, [2, 3], little),
      pack('float', 4, [4], little),
      pack('uint', 1, [0], little),
      pack('float', 4, [5, 6], little),
      pack('uint', 1, [9], little),
      pack('uint', 4, [3, 0, 1, 1], little),
    ),
  );
  expect([...file.cloud.positions.data]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(file.elements.get('extra')?.properties.get('values')).toEqual({
    values: Float64Array.of(0.1, 0.2),
    starts: Uint32Array.of(0, 2),
  });
  expect(file.elements.get('vertex')?.properties.get('tags')).toEqual({
    values: Int16Array.of(-1, -2, -3),
    starts: Uint32Array.of(0, 3, 3),
  });
  expect([...(file.triangles ?? [])]).toEqual([0, 1, 1]);
});

test('lines may end as on Unix, Windows and old Macs, also before binary data', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const header = [
      'ply',
      'format binary_little_endian 1.0',
      'element vertex 1',
      ...xyz,
      'end_header',
      '',
    ].join(end);
    const first = 10 + 256 * 2; // 0x0a 0x02 …: after a lone \r, a line feed is data
    const { cloud } = readPly(concat(latin1(header), pack('uint', 4, [first]), pack('float', 4, [2, 3])));
    expect([...new Uint8Array(cloud.positions.data.buffer, 0, 2)]).toEqual([10, 2]);
  }
});

test('faces of vertices without finite coordinates are dropped with them', () => {
  const { cloud, index, triangles } = readPly(
    concat(
      ply('ascii', 'element vertex 4', ...xyz, 'element face 2', 'property list uchar int vertex_indices'),
      latin1('nan 0 0\n1 0 0\n0 1 0\n0 0 1\n3 0 1 2\n3 1 2 3\n'),
    ),
  );
  expect(cloud.positions.shape).toEqual([3, 3]);
  expect([...index]).toEqual([1, 2, 3]);
  expect([...(triangles ?? [])]).toEqual([0, 1, 2]);
});

test('an empty cloud and a file without a last line end are read', () => {
  expect(readPly(ply('ascii', 'element vertex 0', ...xyz)).cloud.positions.shape).toEqual([0, 3]);
  const { cloud } = readPly(concat(ply('ascii', 'element vertex 1', ...xyz), latin1('1 2 3')));
  expect([...cloud.positions.data]).toEqual([1, 2, 3]);
});

const binary = (...lines: string[]): Uint8Array => ply('binary_little_endian', ...lines);

test.each<[string, Uint8Array, RegExp]>([
  ['nothing', new Uint8Array(0), /does not start with "ply"/],
  ['another file', latin1('solid cube\n'), /does not start with "ply"/],
  ['no end of the header', latin1('ply\nformat ascii 1.0\n'), /no end_header/],
  ['no format', latin1('ply\nelement vertex 0\nend_header\n'), /no format line/],
  ['an unknown format', ply('binary_middle_endian'), /unknown format "binary_middle_endian"/],
  [
    'an unknown type',
    ply('ascii', 'element vertex 0', 'property half x'),
    /unknown property type "half"; known are char/,
  ],
  ['an unknown keyword', ply('ascii', 'vertex 3'), /malformed/],
  ['a property of nothing', ply('ascii', 'property float x'), /before any element/],
  ['two properties of one name', ply('ascii', 'element vertex 0', ...xyz, ...xyz), /two properties "x"/],
  ['two elements of one name', ply('ascii', 'element a 0', 'element a 0'), /two elements "a"/],
  ['a float as a list length', ply('ascii', 'element a 0', 'property list float int l'), /not in integers/],
  ['no vertices', ply('ascii', 'element face 0'), /no element "vertex"/],
  [
    'vertices without z',
    ply('ascii', 'element vertex 0', 'property float x', 'property float y'),
    /x, y and z/,
  ],
  ['a negative count', ply('ascii', 'element vertex -1', ...xyz), /malformed/],
  ['more rows than bytes', binary('element vertex 40000000', ...xyz), /too short for 40000000 rows/],
  ['more text rows than bytes', ply('ascii', 'element vertex 40000000', ...xyz), /too short/],
  ['more points than the limit', binary('element vertex 999999999', ...xyz), /limit is 50000000/],
  [
    'a list longer than the file',
    concat(
      binary('element a 1', 'property list uint uchar l', 'element vertex 0', ...xyz),
      pack('uint', 4, [4e9]),
    ),
    /ends too early/,
  ],
  [
    'a negative list length',
    concat(
      binary('element a 1', 'property list char uchar l', 'element vertex 0', ...xyz),
      pack('int', 1, [-1]),
    ),
    /list of -1/,
  ],
  [
    'a fraction in an integer property',
    concat(ply('ascii', 'element vertex 1', ...xyz, 'property uchar label'), latin1('1 2 3 0.5')),
    /0\.5 is no 8-bit unsigned integer/,
  ],
  [
    'an integer out of range',
    concat(ply('ascii', 'element vertex 1', ...xyz, 'property char label'), latin1('1 2 3 128')),
    /128 is no 8-bit signed integer/,
  ],
  [
    'a face without its vertex',
    concat(
      ply('ascii', 'element vertex 1', ...xyz, 'element face 1', 'property list uchar int vertex_indices'),
      latin1('1 2 3\n3 0 0 1'),
    ),
    /vertex 1 of 1/,
  ],
])('%s is refused', (_, bytes, message) => {
  expect(() => readPly(bytes)).toThrow(FormatError);
  expect(() => readPly(bytes)).toThrow(message);
});

test('maxPoints is obeyed', () => {
  const bytes = concat(ply('ascii', 'element vertex 2', ...xyz), latin1('1 2 3\n4 5 6\n'));
  expect(() => readPly(bytes, { maxPoints: 1 })).toThrow('2 vertices, the limit is 1');
});

test.skipIf(!hasSharedData)('the strips of igea.ply are a closed surface (skipped without ../shared)', () => {
  const { cloud, triangles = new Uint32Array(0) } = readPly(readShared('models/igea.ply'));
  expect(cloud.positions.shape).toEqual([134_345, 3]);
  expect(triangles.length / 3).toBe(2 * 134_345 - 4); // Euler: genus 0
  // Closed and turned alike: every edge is walked once in each direction.
  const edges = new Set<number>();
  for (let i = 0; i < triangles.length; i += 3) {
    for (let k = 0; k < 3; k++) edges.add(triangles[i + k] * 134_345 + triangles[i + ((k + 1) % 3)]);
  }
  expect(edges.size).toBe(triangles.length);
  for (const edge of edges) {
    const [from, to] = [Math.floor(edge / 134_345), edge % 134_345];
    if (!edges.has(to * 134_345 + from)) expect.fail(`edge ${from}-${to} has one side`);
  }
});
