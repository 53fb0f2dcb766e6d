import { floatField, integerField, messageField, type Part, textField, writeMessage } from './protobuf.js';

/** A value of the graph, by name. */
export type Value = string;

type Attribute = number | string | readonly number[];

const FLOAT = 1;
const INT64 = 7;
const attributeTypes = { float: 1, integer: 2, string: 3, integers: 7 };

/**
 * Writes an ONNX model node by node (field numbers: onnx.proto3 of ONNX 1.12, IR version 8, opset 17). Just what a
 * transformer needs; weights are filled in when the model is written.
 */
export class OnnxGraph {
  private readonly nodes: Part[][] = [];
  private readonly initializers: Part[][] = [];
  private readonly inputs: Part[][] = [];
  private readonly outputs: Part[][] = [];
  private count = 0;

  /** A float32 input; a text in the shape names a dimension that is known only when it runs. */
  input(name: string, shape: readonly (number | string)[]): Value {
    this.inputs.push(valueInfo(name, shape));
    return name;
  }

  /** Marks a value as a float32 output under a name of its own. */
  output(name: string, value: Value, shape: readonly (number | string)[]): void {
    this.nodes.push(node('Identity', [value], [name], {}, ''));
    this.outputs.push(valueInfo(name, shape));
  }

  /** A float32 constant whose values are asked for when the model is written. */
  weight(shape: readonly number[], values: () => Promise<Float32Array>): Value {
    const length = 4 * shape.reduce((product, side) => product * side, 1);
    const fill = async (target: Uint8Array) => {
      const array = await values();
      target.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    };
    return this.initializer(shape, FLOAT, { length, fill });
  }

  /** A constant list of whole numbers. */
  integers(values: readonly number[]): Value {
    return this.initializer(
      [values.length],
      INT64,
      new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
    );
  }

  /** Adds a node and names its outputs. */
  add(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
    { outputs = 1, domain = '' }: { outputs?: number; domain?: '' | 'com.microsoft' } = {},
  ): Value[] {
    const names = Array.from({ length: outputs }, () => `v${this.count++}`);
    this.nodes.push(node(operator, inputs, names, attributes, domain));
    return names;
  }

  /** The model as bytes of a `.onnx` file. */
  write(): Promise<Uint8Array> {
    const graph = [
      ...this.nodes.flatMap((message) => messageField(1, message)),
      ...textField(2, 'anomclip'),
      ...this.initializers.flatMap((message) => messageField(5, message)),
      ...this.inputs.flatMap((message) => messageField(11, message)),
      ...this.outputs.flatMap((message) => messageField(12, message)),
    ];
    return writeMessage([
      ...integerField(1, 8),
      ...textField(2, 'anomclip'),
      ...messageField(7, graph),
      ...messageField(8, [...textField(1, ''), ...integerField(2, 17)]),
      ...messageField(8, [...textField(1, 'com.microsoft'), ...integerField(2, 1)]),
    ]);
  }

  private initializer(shape: readonly number[], type: number, data: Part): Value {
    const name = `w${this.count++}`;
    this.initializers.push([
      ...shape.flatMap((side) => integerField(1, side)),
      ...integerField(2, type),
      ...textField(8, name),
      ...messageField(9, [data]),
    ]);
    return name;
  }
}

function node(
  operator: string,
  inputs: readonly Value[],
  outputs: readonly Value[],
  attributes: Readonly<Record<string, Attribute>>,
  domain: string,
): Part[] {
  return [
    ...inputs.flatMap((name) => textField(1, name)),
    ...outputs.flatMap((name) => textField(2, name)),
    ...textField(4, operator),
    ...Object.entries(attributes).flatMap(([name, value]) => messageField(5, attribute(name, value))),
    ...textField(7, domain),
  ];
}

function attribute(name: string, value: Attribute): Part[] {
  const typed = (type: keyof typeof attributeTypes) => integerField(20, attributeTypes[type]);
  if (typeof value === 'string') return [...textField(1, name), ...textField(4, value), ...typed('string')];
  if (typeof value !== 'number') {
    return [...textField(1, name), ...value.flatMap((entry) => integerField(8, entry)), ...typed('integers')];
  }
  // The two kinds of number differ for the runtime: what is a float attribute has a fraction here.
  if (Number.isInteger(value)) return [...textField(1, name), ...signedField(3, value), ...typed('integer')];
  return [...textField(1, name), ...floatField(2, value), ...typed('float')];
}

/** int64 fields hold negative numbers as ten-byte two's complement. */
function signedField(field: number, value: number): Part[] {
  if (value >= 0) return integerField(field, value);
  const bytes = [field * 8];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128);
  bytes.push(Number(rest));
  return [Uint8Array.from(bytes)];
}

function valueInfo(name: string, shape: readonly (number | string)[]): Part[] {
  const dimensions = shape.flatMap((side) =>
    messageField(1, typeof side === 'number' ? integerField(1, side) : textField(2, side)),
  );
  const tensor = [...integerField(1, FLOAT), ...messageField(2, dimensions)];
  return [...textField(1, name), ...messageField(2, messageField(1, tensor))];
}
