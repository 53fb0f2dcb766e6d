import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assembleCloud, keepTriangles } from './cloud-file.js';
import { interleavedColumns, toColours, toLabels, toUnitNormals, unpackColours } from './columns.js';

const cloudOf = (...xyz: number[]) =>
  assembleCloud({ count: xyz.length / 3, positions: interleavedColumns(Float64Array.from(xyz), 3) });
const all = Uint32Array.of(0, 1);

test('rows with NaN, an infinity or a float32 overflow are dropped, and index says which are left', () => {
  const { cloud, index } = cloudOf(1, 2, 3, NaN, 0, 0, 0, Infinity, 0, 0, 0, 1e39, 4, 5, 6);
  expect([...cloud.positions.data]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(cloud.positions.shape).toEqual([2, 3]);
  expect([...index]).toEqual([0, 4]);
});

test('normals, colours and labels stay with their points when rows are dropped', () => {
  const column = (values: Float32Array | Uint8Array) => interleavedColumns(values, 3);
  const { cloud } = assembleCloud({
    count: 2,
    positions: column(Float32Array.of(NaN, 0, 0, 1, 2, 3)),
    normals: column(Float32Array.of(1, 0, 0, 0, 0, 2)),
    colours: column(Uint8Array.of(1, 2, 3, 4, 5, 6)),
    labels: { values: Uint8Array.of(8, 9), stride: 1 },
  });
  expect([...(cloud.normals?.data ?? [])]).toEqual([0, 0, 1]);
  expect([...(cloud.colours?.data ?? [])]).toEqual([4, 5, 6]);
  expect([...(cloud.labels ?? [])]).toEqual([9]);
});

test('no points, one point, equal points and only NaN are clouds without an origin', () => {
  expect(cloudOf().cloud.positions.shape).toEqual([0, 3]);
  expect(cloudOf(NaN, NaN, NaN).cloud.positions.shape).toEqual([0, 3]);
  for (const repeat of [1, 3]) {
    const { cloud, origin } = cloudOf(...Array.from({ length: repeat }, () => [4e6, 5, 6]).flat());
    expect(origin).toBeUndefined();
    expect([...cloud.positions.data.slice(0, 3)]).toEqual([4e6, 5, 6]);
  }
});

test('coordinates above 10⁴ times the extent lose their centroid in float64, and origin gives it back', () => {
  const xyz = [500_000.001, 4_000_000.002, 10, 500_000.003, 4_000_000.004, 10];
  const { cloud, origin = [0, 0, 0] } = cloudOf(...xyz);
  expect(origin[1]).toBeCloseTo(4_000_000.003, 8);
  const back = Array.from(cloud.positions.data, (value, i) => value + origin[i % 3]);
  back.forEach((value, i) => {
    expect(Math.abs(value - xyz[i])).toBeLessThan(1e-8); // float32 alone would be off by 0.25
  });
});

test('the shift starts just beyond 10⁴ extents and never happens below', () => {
  expect(cloudOf(9999, 0, 0, 10_000, 0, 0).origin).toBeUndefined();
  expect(cloudOf(10_000, 0, 0, 10_001, 0, 0).origin).toEqual([10_000.5, 0, 0]);
  expect(cloudOf(-10_000, 0, 0, -10_001, 0, 0).origin).toEqual([-10_000.5, 0, 0]);
});

test('positions plus origin are the file within float32 of the extent', () => {
  const coordinate = fc.double({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(coordinate, coordinate, coordinate), { maxLength: 20 }),
      fc.double({ min: -1e7, max: 1e7, noNaN: true }),
      (points, shift) => {
        const xyz = points.flat().map((value) => value + shift);
        const { cloud, origin = [0, 0, 0] } = cloudOf(...xyz);
        const tolerance =
          cloud.positions.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0) * 2 ** -24 + 1e-8;
        cloud.positions.data.forEach((value, i) => {
          expect(Math.abs(value + origin[i % 3] - xyz[i])).toBeLessThanOrEqual(tolerance);
        });
      },
    ),
    { seed: 4 },
  );
});

test('triangles of dropped rows go with them, the others follow their rows', () => {
  const triangles = Uint32Array.of(0, 1, 2, 1, 2, 3);
  expect([...keepTriangles(triangles, Uint32Array.of(1, 2, 3), 4)]).toEqual([0, 1, 2]);
});

test('normals become unit vectors; zero and NaN ones become (0, 0, 0)', () => {
  const columns = interleavedColumns(Float32Array.of(3, 0, -4, 0, 0, 0), 3);
  expect([...toUnitNormals(columns, all)]).toEqual([Math.fround(0.6), 0, Math.fround(-0.8), 0, 0, 0]);
  expect([...toUnitNormals(interleavedColumns(Float32Array.of(NaN, 1, 0), 3), Uint32Array.of(0))]).toEqual([
    0, 0, 0,
  ]);
});

test('colours come from bytes, 16 bits, floats to 1 and floats to 255', () => {
  const colours = (values: Uint8Array | Uint16Array | Float32Array) => [
    ...toColours(interleavedColumns(values, 3), Uint32Array.of(0)),
  ];
  expect(colours(Uint8Array.of(1, 2, 255))).toEqual([1, 2, 255]);
  expect(colours(Uint16Array.of(0, 257, 65535))).toEqual([0, 1, 255]);
  expect(colours(Float32Array.of(0, 0.2, 1))).toEqual([0, 51, 255]);
  expect(colours(Float32Array.of(-3, 128, 300))).toEqual([0, 128, 255]);
  expect(colours(Float32Array.of(NaN, 0, 1))).toEqual([0, 0, 255]);
});

test('packed colours are 0xRRGGBB whatever the upper byte holds', () => {
  expect([...unpackColours(Uint32Array.of(0x010203, 0xff804020))]).toEqual([1, 2, 3, 0x80, 0x40, 0x20]);
});

test('labels keep their integer type, and floats take the smallest that fits', () => {
  const labels = (values: Float64Array | Uint16Array | Int32Array) => toLabels({ values, stride: 1 }, all);
  expect(labels(Uint16Array.of(1, 2))).toEqual(Uint16Array.of(1, 2));
  expect(labels(Int32Array.of(-1, 2))).toEqual(Int32Array.of(-1, 2));
  expect(labels(Float64Array.of(0, 1))).toEqual(Uint8Array.of(0, 1));
  expect(labels(Float64Array.of(0, 256))).toEqual(Uint32Array.of(0, 256));
  expect(labels(Float64Array.of(-1, 256))).toEqual(Int32Array.of(-1, 256));
  expect(labels(Float64Array.of(0, 0.5))).toBeUndefined();
  expect(labels(Float64Array.of(0, NaN))).toBeUndefined();
  expect(labels(Float64Array.of(-1, 4e9))).toBeUndefined();
});
