import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ArgumentError, FormatError } from '../errors.js';
import { largestDifference } from '../testing/arrays.fixture.js';
import { GoldenFile, hasShared, sharedFolder } from '../testing/golden.fixture.js';
import { readMutations } from '../testing/mutations.fixture.js';
import { pickled } from '../testing/pickle.fixture.js';
import { type FileToZip, zipOf } from '../testing/zip.fixture.js';
import { byteSource } from './byte-source.js';
import { pytorchCheckpoint } from './pytorch-checkpoint.js';
import { toFloat32 } from './to-float32.js';
import { ZipArchive } from './zip-archive.js';

const { dictionary, file, global, integer, list, reduce, storage, tensor, text, tuple } = pickled;

/** A checkpoint whose pickle and storages are given. */
function checkpointOf(value: Uint8Array, storages: Record<string, Uint8Array> = {}, more: FileToZip[] = []) {
  const parts = Object.entries(storages).map(([key, bytes]) => ({ name: `m/data/${key}`, bytes }));
  return pytorchCheckpoint(
    byteSource(zipOf([{ name: 'm/data.pkl', bytes: file(value) }, ...parts, ...more])),
  );
}

const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** 0, 1, … 11 as a storage of float32. */
const twelve = { 0: bytesOf(Float32Array.from({ length: 12 }, (_, i) => i)) };

describe.skipIf(!hasShared)('golden checkpoints (skipped where ../shared is absent)', () => {
  const folder = `${sharedFolder}/golden/checkpoints`;
  const read = (name: string) => pytorchCheckpoint(byteSource(readFileSync(`${folder}/${name}`)));
  const expected = () => new GoldenFile('golden/checkpoints/expected.safetensors');

  test.each([
    ['state-dict.pth', '', 'F32'],
    ['open-clip-train.pt', '', 'F32'],
    ['openai-torchscript-fp16.pt', '', 'F16'],
    ['half-and-bf16.pth', 'half.', 'F16'],
    ['half-and-bf16.pth', 'bf16.', 'BF16'],
  ] as const)('%s holds the values PyTorch saved (names %s…, %s)', async (name, prefix, dtype) => {
    const golden = expected();
    const checkpoint = await read(name);
    const names = [...checkpoint.shapes.keys()].filter((weight) => weight.startsWith(prefix));
    expect(names.length).toBeGreaterThan(3);
    for (const weight of names) {
      const values = golden.values(`expected.${weight.slice(prefix.length)}`);
      const actual = await checkpoint.read(weight);
      expect(largestDifference(actual, values.map(rounding[dtype])), weight).toBe(0);
    }
  });

  test('a transposed view comes in row-major order', async () => {
    const checkpoint = await read('transposed-view.pth');
    expect([...checkpoint.shapes]).toEqual([['tensor', [3, 2]]]);
    expect([...(await checkpoint.read('tensor'))]).toEqual([0, 3, 1, 4, 2, 5]);
  });

  test('a prompt learner comes as named tensors', async () => {
    const { shapes, read: readWeight } = await read('prompt-learner.pth');
    expect(shapes.get('prompt_learner.ctx_pos')).toEqual([1, 1, 12, 64]);
    expect(await readWeight('prompt_learner.ctx_pos')).toHaveLength(768);
  });

  test('what would run a program is refused by name', async () => {
    await expect(read('malicious.pth')).rejects.toThrow(
      'PyTorch checkpoint: it refers to "posix.system", which could run code and is never looked up; if you trust its maker',
    );
  });

  test('every damaged copy is read or refused, and nothing else happens', async () => {
    const names = ['prompt-learner.pth', 'transposed-view.pth', 'malicious.pth'];
    const files = names.map((name) => readFileSync(`${folder}/${name}`));
    const { refused } = await readMutations(files, async (bytes) => {
      const checkpoint = await pytorchCheckpoint(byteSource(bytes));
      for (const name of checkpoint.shapes.keys()) await checkpoint.read(name);
    });
    expect(refused).toBeGreaterThan(10);
  });
});

/** What saving as another dtype did to a float32. */
const rounding = {
  F32: (value: number) => value,
  F16: (value: number) => {
    const step = 2 ** (Math.max(Math.floor(Math.log2(Math.abs(value))), -14) - 10);
    return value === 0 ? 0 : roundHalfToEven(value / step) * step;
  },
  BF16: (value: number) => {
    const [bits] = new Uint32Array(Float32Array.of(value).buffer);
    return toFloat32({
      dtype: 'BF16',
      data: Uint16Array.of((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16),
    })[0];
  },
};

function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (floor & 1) : Math.round(value);
}

test('every damaged pickle is read or refused, and nothing else happens', async () => {
  const [shared, other] = [storage('0', 12), storage('1', 4, 'Half')];
  const value = dictionary({
    epoch: integer(3),
    state_dict: dictionary({
      'module.a': tensor(shared, 1, [3, 2], [4, 1]),
      'module.b': tensor(other, 0, [2, 2], [1, 2]),
      'module.c': list(tensor(shared, 0, [12], [1]), pickled.long(2n ** 60n), text('é')),
    }),
  });
  const parts = [
    { name: 'm/data/0', bytes: twelve[0] },
    { name: 'm/data/1', bytes: new Uint8Array(8) },
    { name: 'm/code/x.py', bytes: new Uint8Array(0) }, // as in TorchScript archives, where more is allowed
  ];
  const readPickle = async (bytes: Uint8Array) => {
    const zip = zipOf([{ name: 'm/data.pkl', bytes }, ...parts]);
    const checkpoint = await pytorchCheckpoint(byteSource(zip));
    for (const name of checkpoint.shapes.keys()) await checkpoint.read(name);
  };
  const pickles = [file(value), ...(hasShared ? await goldenPickles() : [])];
  const { refused } = await readMutations(pickles, readPickle);
  expect(refused).toBeGreaterThan(100);
});

/** The pickles inside golden checkpoints: their storages are absent above, but all before is read. */
async function goldenPickles(): Promise<Uint8Array[]> {
  const names = ['prompt-learner', 'openai-torchscript-fp16'];
  const ending = (name: string) => (name.startsWith('openai') ? 'pt' : 'pth');
  return Promise.all(
    names.map(async (name) => {
      const path = `${sharedFolder}/golden/checkpoints/${name}.${ending(name)}`;
      return (await ZipArchive.open(byteSource(readFileSync(path)))).read(`${name}/data.pkl`);
    }),
  );
}

test('several tensors share a storage, with offsets and strides', async () => {
  const shared = storage('0', 12);
  const checkpoint = await checkpointOf(
    dictionary({
      columns: tensor(shared, 1, [3, 2], [4, 1]),
      transposed: tensor(shared, 0, [2, 3, 2], [1, 2, 6]),
      scalar: tensor(shared, 11, [], []),
      none: tensor(shared, 12, [0, 3], [3, 1]),
      expanded: tensor(shared, 2, [2, 3], [1, 0]),
    }),
    twelve,
  );
  const read = async (name: string) => [...(await checkpoint.read(name))];
  expect(await read('columns')).toEqual([1, 2, 5, 6, 9, 10]);
  expect(await read('transposed')).toEqual([0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11]);
  expect(await read('scalar')).toEqual([11]);
  expect(await read('none')).toEqual([]);
  expect(await read('expanded')).toEqual([2, 2, 2, 3, 3, 3]);
  expect(checkpoint.shapes.get('none')).toEqual([0, 3]);
  await expect(checkpoint.read('nothing')).rejects.toThrow(ArgumentError);
});

test.each([
  ['Double', Float64Array.of(0.5, -2), [0.5, -2]],
  ['Half', Uint16Array.of(0x3c00, 0xc000), [1, -2]],
  ['BFloat16', Uint16Array.of(0x3f80, 0xc000), [1, -2]],
  ['Long', BigInt64Array.of(7n, -1n), [7, -1]],
  ['Int', Int32Array.of(7, -1), [7, -1]],
  ['Short', Int16Array.of(7, -1), [7, -1]],
  ['Char', Int8Array.of(7, -1), [7, -1]],
  ['Byte', Uint8Array.of(7, 255), [7, 255]],
  ['Bool', Uint8Array.of(0, 1), [0, 1]],
])('a %sStorage becomes float32', async (kind, data, expected) => {
  const value = dictionary({ a: tensor(storage('0', 2, kind), 0, [2], [1]) });
  const checkpoint = await checkpointOf(value, { 0: bytesOf(data) });
  expect([...(await checkpoint.read('a'))]).toEqual(expected);
});

test('of a training checkpoint only the weights are taken, without module.', async () => {
  const weight = tensor(storage('0', 12), 0, [12], [1]);
  const { shapes } = await checkpointOf(
    dictionary({
      epoch: integer(3),
      optimizer: dictionary({ moment: weight }),
      model: dictionary({ state_dict: dictionary({ 'module.a.bias': weight, 'module.b': weight }) }),
    }),
    twelve,
  );
  expect([...shapes.keys()]).toEqual(['a.bias', 'b']);
});

test('dictionaries and lists put their names in front; what is no tensor is left out', async () => {
  const weight = tensor(storage('0', 12), 0, [12], [1]);
  const { shapes } = await checkpointOf(
    dictionary({ module: weight, stages: list(weight, dictionary({ __proto__x: weight })), note: text('x') }),
    twelve,
  );
  expect([...shapes.keys()]).toEqual(['module', 'stages.0', 'stages.1.__proto__x']);
});

test('entries that were deflated afterwards are read', async () => {
  const bytes = zipOf([
    { name: 'm/data.pkl', bytes: file(tensor(storage('0', 12), 4, [2], [1])), isDeflated: true },
    { name: 'm/data/0', bytes: twelve[0], isDeflated: true },
  ]);
  const checkpoint = await pytorchCheckpoint(byteSource(bytes));
  expect([...(await checkpoint.read('tensor'))]).toEqual([4, 5]);
});

test('a tensor whose bytes are damaged is refused when it is read, also where only a part is wanted', async () => {
  const value = dictionary({
    whole: tensor(storage('0', 12), 0, [12], [1]),
    part: tensor(storage('0', 12), 0, [2], [1]),
  });
  const bytes = zipOf([
    { name: 'm/data.pkl', bytes: file(value) },
    { name: 'm/data/0', bytes: twelve[0], checksum: 1 },
  ]);
  const checkpoint = await pytorchCheckpoint(byteSource(bytes));
  const message = 'zip: the bytes of "m/data/0" do not match their checksum; the file is damaged';
  await expect(checkpoint.read('whole')).rejects.toThrow(message);
  await expect(checkpoint.read('part')).rejects.toThrow(message);
});

describe('hostile checkpoints are refused:', () => {
  const one = storage('0', 12);

  test.each<[message: string, value: Uint8Array]>([
    ['"os.system"', reduce(global('os', 'system'), text('touch evil'))],
    ['"builtins.eval"', reduce(global('builtins', 'eval'), text('1'))],
    ['"builtins.getattr"', reduce(global('builtins', 'getattr'), text('1'))],
    ['"torch.load"', reduce(global('torch', 'load'), text('http://evil'))],
    ['"torch._utils.system"', global('torch._utils', 'system')],
    ['"torch.ComplexFloatStorage"', storage('0', 12, 'ComplexFloat')],
    ['"__torch__.Evil"', global('__torch__', 'Evil')],
    ['"collections.OrderedDict\\u0000"', global('collections', 'OrderedDict\0')],
    ['"torch.constructorStorage"', global('torch', 'constructorStorage')],
    ['it calls torch.FloatStorage', reduce(global('torch', 'FloatStorage'), integer(9))],
    ['OrderedDict is made in a way', reduce(global('collections', 'OrderedDict'), list(tuple(one, one)))],
    ['a tensor is not described', tensor(text('0'), 0, [1], [1])],
    ['a tensor is not described', tensor(one, -1, [1], [1])],
    ['a tensor is not described', tensor(one, 0, [-1], [1])],
    ['a tensor is not described', tensor(one, 0, [1], [-1])],
    ['a tensor is not described', tensor(one, 0, new Array(65).fill(1), new Array(65).fill(1))],
    ['do not belong together', tensor(one, 0, [2], [1, 1])],
    ['[13] with strides [1] from element 0 leaves its storage of 12', tensor(one, 0, [13], [1])],
    ['from element 1 leaves its storage', tensor(one, 1, [12], [1])],
    ['strides [6, 1] from element 0 leaves its storage', tensor(one, 0, [2, 7], [6, 1])],
    ['leaves its storage', tensor(one, 0, [2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1], [1, 1, 1])],
    ['repeats its storage of 12 elements', tensor(one, 0, [2 ** 30], [0])],
    ['repeats its storage of 12 elements', tensor(one, 0, new Array(60).fill(1000), new Array(60).fill(0))],
    [
      'the storage of "tensor" should have 400 bytes, the file has 48',
      tensor(storage('0', 100), 0, [1], [1]),
    ],
    ['the storage of "tensor" should have 4 bytes, the file has 0', tensor(storage('../0', 1), 0, [1], [1])],
    ['a storage is not described', storage('0', -5)],
    ['it holds no tensors', dictionary({ a: text('b') })],
    [
      'two tensors are called "a.b"',
      dictionary({ 'a.b': tensor(one, 0, [], []), a: dictionary({ b: tensor(one, 0, [], []) }) }),
    ],
    ['it holds no tensors', Uint8Array.of(0x4e)],
  ])('%s', async (message, value) => {
    const error = await checkpointOf(value, twelve).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message).toContain(message);
  });

  test('a dictionary inside itself, and one that is doubled a hundred times', async () => {
    const itself = pickled.bytes(0x7d, 0x71, 0, text('a'), 0x68, 0, 0x73);
    await expect(checkpointOf(itself)).rejects.toThrow('nested without end');
    const doubled = [...new Array(90).keys()].map((i) =>
      pickled.bytes(0x30, 0x5d, 0x28, 0x68, i, 0x68, i, 0x65, 0x71, i + 1),
    );
    await expect(checkpointOf(pickled.bytes(0x5d, 0x71, 0, ...doubled))).rejects.toThrow(
      'nested without end',
    );
  });

  test('lists a hundred thousand deep', async () => {
    const depth = 100_000;
    const deep = pickled.bytes(new Uint8Array(depth).fill(0x5d), new Uint8Array(depth - 1).fill(0x61));
    await expect(checkpointOf(deep)).rejects.toThrow('nested without end');
  });

  test('a shape that is changed after it was checked stays as it was', async () => {
    const shape = pickled.bytes(list(integer(2)), 0x71, 9);
    const made = reduce(
      global('torch._utils', '_rebuild_tensor_v2'),
      ...[one, integer(0), shape, list(integer(1))],
    );
    const grown = pickled.bytes(0x68, 9, integer(1000), 0x61, 0x30);
    const { shapes } = await checkpointOf(pickled.bytes(made, grown), twelve);
    expect(shapes.get('tensor')).toEqual([2]);
  });

  test('other zip files, other byte orders, older checkpoints', async () => {
    await expect(pytorchCheckpoint(byteSource(zipOf([{ name: 'a.txt', bytes: twelve[0] }])))).rejects.toThrow(
      'the zip file has no data.pkl (it holds a.txt, …); give a file that torch.save',
    );
    const big = { name: 'm/byteorder', bytes: new TextEncoder().encode('big') };
    await expect(checkpointOf(tensor(one, 0, [1], [1]), twelve, [big])).rejects.toThrow('stored as "big"');
    const two = { name: 'n/data.pkl', bytes: twelve[0] };
    await expect(checkpointOf(tensor(one, 0, [1], [1]), twelve, [two])).rejects.toThrow('has 2 data.pkl');
  });
});
