import { floatField, integerField, messageField, textField, writeMessage } from './protobuf.js';

/** A value of the graph, by name. */
export type Value = string;

/** A model in two parts: its graph as an ONNX file, and the weights that the graph refers to by name. */
export interface OnnxModel {
  readonly graph: Uint8Array;
  /** As `SessionOptions.externalData` wants it. */
  readonly externalData: { readonly path: string; readonly data: Uint8Array }[];
}

type Attribute = number | string | readonly number[];

export interface NodeOptions {
  readonly outputs?: number;
  readonly domain?: '' | 'com.microsoft';
}

/** Types of the values that a graph can hold, with ONNX's numbers for them. */
export const elementTypes = { float32: 1, int8: 3, int32: 6, int64: 7, bool: 9 };
export type ElementType = keyof typeof elementTypes;

const attributeTypes = { float: 1, integer: 2, string: 3, integers: 7 };
const EXTERNAL = 1;

/**
 * Writes an ONNX model node by node (field numbers: onnx.proto3 of ONNX 1.12, IR version 8, opset 17). Just what a
 * transformer needs. Weights stay outside of the graph's bytes: the runtime takes each as it is, where a model in one
 * piece would be copied whole, and could not exceed the 2 GB of a protobuf message.
 */
export class OnnxGraph {
  private readonly nodes: Uint8Array[][] = [];
  private readonly initializers: Uint8Array[][] = [];
  private readonly inputs: Uint8Array[][] = [];
  private readonly outputs: Uint8Array[][] = [];
  private readonly weights = new Map<string, { length: number; read: () => Promise<ArrayBufferView> }>();
  private count = 0;

  /** An input; a text in the shape names a dimension that is known only when it runs. */
  input(name: string, shape: readonly (number | string)[], type: ElementType = 'float32'): Value {
    this.inputs.push(valueInfo(name, shape, type));
    return name;
  }

  /** Marks a value as a float32 output under a name of its own. */
  output(name: string, value: Value, shape: readonly (number | string)[]): void {
    this.nodes.push(node('Identity', [value], [name], {}, ''));
    this.outputs.push(valueInfo(name, shape, 'float32'));
  }

  /** A constant whose values are asked for when the model is written. */
  weight(
    shape: readonly number[],
    read: () => Promise<ArrayBufferView>,
    type: Exclude<ElementType, 'int64'> = 'float32',
  ): Value {
    const path = `w${this.count++}`;
    const itemBytes = type === 'int8' || type === 'bool' ? 1 : 4;
    const length = itemBytes * shape.reduce((product, side) => product * side, 1);
    this.weights.set(path, { length, read });
    const entry = (key: string, value: string) =>
      messageField(13, [...textField(1, key), ...textField(2, value)]);
    return this.initializer(path, shape, type, [
      ...entry('location', path),
      ...entry('offset', '0'),
      ...entry('length', String(length)),
      ...integerField(14, EXTERNAL),
    ]);
  }

  /** A constant list of whole numbers. */
  integers(values: readonly number[]): Value {
    return this.constant([values.length], BigInt64Array.from(values, BigInt), 'int64');
  }

  /** A constant that lies within the graph's own bytes. @param values - Row-major, in the memory format of `type`. */
  constant(shape: readonly number[], values: ArrayBufferView, type: ElementType): Value {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
    return this.initializer(`w${this.count++}`, shape, type, messageField(9, [bytes]));
  }

  /** Adds a node and names its outputs. */
  add(
    operator: string,
    inputs: readonly Value[],
    attributes: Readonly<Record<string, Attribute>> = {},
    { outputs = 1, domain = '' }: NodeOptions = {},
  ): Value[] {
    const names = Array.from({ length: outputs }, () => `v${this.count++}`);
    this.nodes.push(node(operator, inputs, names, attributes, domain));
    return names;
  }

  /** Reads the weights one after another and writes the graph. */
  async write(): Promise<OnnxModel> {
    const externalData: { path: string; data: Uint8Array }[] = [];
    for (const [path, { length, read }] of this.weights) {
      const { buffer, byteOffset, byteLength } = await read();
      if (byteLength !== length) throw new RangeError(`${path}: ${byteLength} bytes in place of ${length}`);
      externalData.push({ path, data: new Uint8Array(buffer, byteOffset, byteLength) });
    }
    return { graph: this.bytes(), externalData };
  }

  /** The graph without its weights. */
  bytes(): Uint8Array {
    const graph = [
      ...this.nodes.flatMap((message) => messageField(1, message)),
      ...textField(2, 'anomclip'),
      ...this.initializers.flatMap((message) => messageField(5, message)),
      ...this.inputs.flatMap((message) => messageField(11, message)),
      ...this.outputs.flatMap((message) => messageField(12, message)),
    ];
    const model = [
      ...integerField(1, 8),
      ...textField(2, 'anomclip'),
      ...messageField(7, graph),
      ...messageField(8, [...textField(1, ''), ...integerField(2, 17)]),
      ...messageField(8, [...textField(1, 'com.microsoft'), ...integerField(2, 1)]),
    ];
    return writeMessage(model);
  }

  private initializer(name: string, shape: readonly number[], type: ElementType, data: Uint8Array[]): Value {
    const dimensions = shape.flatMap((side) => integerField(1, side));
    this.initializers.push([
      ...dimensions,
      ...integerField(2, elementTypes[type]),
      ...textField(8, name),
      ...data,
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
): Uint8Array[] {
  return [
    ...inputs.flatMap((name) => textField(1, name)),
    ...outputs.flatMap((name) => textField(2, name)),
    ...textField(4, operator),
    ...Object.entries(attributes).flatMap(([name, value]) => messageField(5, attribute(name, value))),
    ...textField(7, domain),
  ];
}

function attribute(name: string, value: Attribute): Uint8Array[] {
  const typed = (type: keyof typeof attributeTypes) => integerField(20, attributeTypes[type]);
  if (typeof value === 'string') return [...textField(1, name), ...textField(4, value), ...typed('string')];
  if (typeof value !== 'number') {
    return [...textField(1, name), ...value.flatMap((entry) => integerField(8, entry)), ...typed('integers')];
  }
  // The two kinds of number differ for the runtime: what is a float attribute has a fraction here.
  if (Number.isInteger(value)) return [...textField(1, name), ...integerField(3, value), ...typed('integer')];
  return [...textField(1, name), ...floatField(2, value), ...typed('float')];
}

function valueInfo(name: string, shape: readonly (number | string)[], type: ElementType): Uint8Array[] {
  const dimensions = shape.flatMap((side) =>
    messageField(1, typeof side === 'number' ? integerField(1, side) : textField(2, side)),
  );
  const tensor = [...integerField(1, elementTypes[type]), ...messageField(2, dimensions)];
  return [...textField(1, name), ...messageField(2, messageField(1, tensor))];
}
