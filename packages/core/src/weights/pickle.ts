import { FormatError } from '../errors.js';

/**
 * What a pickle holds: None as null, numbers (bigint beyond 2^53), strings, bytes; lists and tuples as arrays; dictionaries
 * as Map, so that a name is only a name; and whatever `PickleGlobals` make of the rest.
 */
export type PickleValue = unknown;

/** Something importable that a pickle names. Nothing is imported: it stands for a function of ours. */
export class PickleGlobal {
  constructor(
    readonly name: string,
    /** What calling it gives. Arguments come as the file has them, unchecked. */
    readonly call: (args: readonly PickleValue[]) => PickleValue,
    /** Whether the pickle may also build objects of it, with a state. */
    readonly isClass = false,
  ) {}
}

/** An object with a state. */
export interface PickleObject {
  /** @param state - As the file has it, unchecked. */
  setState(state: PickleValue): void;
}

/** Everything a pickle may refer to. Both functions throw for what is not allowed. */
export interface PickleGlobals {
  find(name: string): PickleGlobal;
  /** The object that lies outside the pickle under this id. */
  outside(id: PickleValue): PickleValue;
}

/**
 * Reads a pickle (protocols 2 to 5, PEP 307 and 3154) without ever running anything: names of functions are looked up in
 * `globals` and nowhere else. Memory stays in proportion to the pickle, whatever it says about its sizes.
 *
 * @throws {@link FormatError} for everything that is not understood or not allowed, with its name.
 */
export function readPickle(bytes: Uint8Array, globals: PickleGlobals): PickleValue {
  return new PickleMachine(bytes, globals).run();
}

class PickleMachine {
  private readonly view: DataView;
  private at = 0;
  private stack: PickleValue[] = [];
  /** Stacks that wait below a mark. */
  private readonly below: PickleValue[][] = [];
  private readonly memo = new Map<number, PickleValue>();

  private readonly steps: Readonly<Record<number, () => void>> = {
    128: () => this.checkProtocol(this.bytes[this.take(1)]), // PROTO
    149: () => this.take(8), // FRAME: only says how much to buffer
    [op('(')]: () => this.mark(),
    [op('0')]: () => this.pop(),
    [op('1')]: () => this.popToMark(),
    [op('2')]: () => this.push(this.top()),

    [op('N')]: () => this.push(null),
    136: () => this.push(true), // NEWTRUE
    137: () => this.push(false), // NEWFALSE
    [op('K')]: () => this.push(this.bytes[this.take(1)]),
    [op('M')]: () => this.push(this.view.getUint16(this.take(2), true)),
    [op('J')]: () => this.push(this.view.getInt32(this.take(4), true)),
    [op('G')]: () => this.push(this.view.getFloat64(this.take(8), false)),
    138: () => this.push(this.takeInteger(this.bytes[this.take(1)])), // LONG1

    140: () => this.push(this.takeText(this.bytes[this.take(1)])), // SHORT_BINUNICODE
    [op('X')]: () => this.push(this.takeText(this.view.getUint32(this.take(4), true))),
    141: () => this.push(this.takeText(this.takeLength())), // BINUNICODE8
    [op('C')]: () => this.push(this.takeBytes(this.bytes[this.take(1)])),
    [op('B')]: () => this.push(this.takeBytes(this.view.getUint32(this.take(4), true))),
    142: () => this.push(this.takeBytes(this.takeLength())), // BINBYTES8

    [op(']')]: () => this.push([]),
    [op(')')]: () => this.push([]),
    [op('l')]: () => this.push(this.popToMark()),
    [op('t')]: () => this.push(this.popToMark()),
    133: () => this.push(this.popMany(1)), // TUPLE1
    134: () => this.push(this.popMany(2)), // TUPLE2
    135: () => this.push(this.popMany(3)), // TUPLE3
    [op('a')]: () => this.append([this.pop()]),
    [op('e')]: () => this.append(this.popToMark()),
    [op('}')]: () => this.push(new Map()),
    [op('d')]: () => this.makeDictionary(this.popToMark()),
    [op('s')]: () => this.setItems(this.popMany(2)),
    [op('u')]: () => this.setItems(this.popToMark()),

    [op('c')]: () => this.findGlobal([this.takeLine(), this.takeLine()]),
    147: () => this.findGlobal(this.popMany(2)), // STACK_GLOBAL
    [op('R')]: () => this.call(false),
    129: () => this.call(true), // NEWOBJ
    [op('b')]: () => this.build(),
    [op('Q')]: () => this.push(this.globals.outside(this.pop())),

    [op('q')]: () => this.memo.set(this.bytes[this.take(1)], this.top()),
    [op('r')]: () => this.memo.set(this.view.getUint32(this.take(4), true), this.top()),
    148: () => this.memo.set(this.memo.size, this.top()), // MEMOIZE
    [op('h')]: () => this.recall(this.bytes[this.take(1)]),
    [op('j')]: () => this.recall(this.view.getUint32(this.take(4), true)),
  };

  constructor(
    private readonly bytes: Uint8Array,
    private readonly globals: PickleGlobals,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleValue {
    while (true) {
      const opcode = this.bytes[this.take(1)];
      if (opcode === op('.')) return this.end();
      const step = this.steps[opcode];
      if (!step) throw this.error(`opcode 0x${opcode.toString(16).padStart(2, '0')} is not supported`);
      step();
    }
  }

  private checkProtocol(protocol: number): void {
    if (protocol < 2 || protocol > 5) throw this.error(`protocol ${protocol}, supported are 2 to 5`);
  }

  private end(): PickleValue {
    if (this.below.length > 0 || this.stack.length !== 1)
      throw this.error('it ends in the middle of a value');
    return this.stack[0];
  }

  private mark(): void {
    this.below.push(this.stack);
    this.stack = [];
  }

  private append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw this.error('an item for something that is no list');
    for (const item of items) list.push(item);
  }

  private setItems(items: readonly PickleValue[]): void {
    const dictionary = this.top();
    if (!(dictionary instanceof Map)) throw this.error('an item for something that is no dictionary');
    if (items.length % 2) throw this.error('a key without a value');
    for (let i = 0; i < items.length; i += 2) dictionary.set(items[i], items[i + 1]);
  }

  private makeDictionary(items: readonly PickleValue[]): void {
    this.push(new Map());
    this.setItems(items);
  }

  private findGlobal(names: readonly PickleValue[]): void {
    if (!names.every((name) => typeof name === 'string')) throw this.error('a global without a name');
    this.push(this.globals.find(names.join('.')));
  }

  private call(isConstruction: boolean): void {
    const [target, args] = this.popMany(2);
    if (!(target instanceof PickleGlobal) || (isConstruction && !target.isClass)) {
      throw this.error('a call of something that is no function');
    }
    if (!Array.isArray(args)) throw this.error(`a call of ${target.name} without its arguments`);
    this.push(target.call(args));
  }

  private build(): void {
    const state = this.pop();
    const object = this.top();
    if (isPickleObject(object)) object.setState(state);
    // An OrderedDict may carry attributes beside its items; state_dict() leaves its versions there.
    else if (!(object instanceof Map && state instanceof Map))
      throw this.error('a state for something without one');
  }

  private recall(index: number): void {
    if (!this.memo.has(index)) throw this.error(`value ${index} is wanted before it is there`);
    this.push(this.memo.get(index));
  }

  private push(value: PickleValue): void {
    this.stack.push(value);
  }

  private top(): PickleValue {
    if (this.stack.length === 0) throw this.error('a value is missing');
    return this.stack[this.stack.length - 1];
  }

  private pop(): PickleValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  private popMany(count: number): PickleValue[] {
    if (this.stack.length < count) throw this.error('a value is missing');
    return this.stack.splice(-count);
  }

  private popToMark(): PickleValue[] {
    const below = this.below.pop();
    if (!below) throw this.error('a mark is missing');
    const items = this.stack;
    this.stack = below;
    return items;
  }

  /** Goes `count` bytes on. @returns where they start */
  private take(count: number): number {
    const start = this.at;
    if (count > this.bytes.length - start) throw this.error('it is cut off');
    this.at = start + count;
    return start;
  }

  private takeBytes(length: number): Uint8Array {
    const start = this.take(length);
    return new Uint8Array(this.bytes.subarray(start, start + length));
  }

  private takeText(length: number): string {
    const start = this.take(length);
    try {
      return utf8.decode(this.bytes.subarray(start, start + length));
    } catch {
      throw this.error('a text is not UTF-8');
    }
  }

  /** Up to the next line feed. */
  private takeLine(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw this.error('it is cut off');
    const line = this.takeText(end - this.at);
    this.at++;
    return line;
  }

  private takeLength(): number {
    return Number(this.view.getBigUint64(this.take(8), true)); // inexact beyond 2^53, and refused all the same
  }

  /** Two's complement, little-endian, 0 to 255 bytes. */
  private takeInteger(length: number): number | bigint {
    const bytes = this.takeBytes(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]);
    const signed = BigInt.asIntN(8 * length, value);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  private error(problem: string): FormatError {
    return new FormatError('pickle', `byte ${this.at}: ${problem}`);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function op(character: string): number {
  return character.charCodeAt(0);
}

function isPickleObject(value: PickleValue): value is PickleObject {
  return (
    typeof value === 'object' && value !== null && 'setState' in value && typeof value.setState === 'function'
  );
}
