import { FormatError } from '../errors.js';

/** A tensor as the header describes it: all numbers are safe integers ≥ 0, otherwise unchecked. */
export interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes [begin, end) of the data behind the header. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly entries: ReadonlyMap<string, TensorEntry>;
  readonly metadata: Record<string, string>;
}

/**
 * Parses the header's JSON: `{ name: { dtype, shape, data_offsets }, …, "__metadata__": { name: text, … } }`.
 *
 * `JSON.parse` would keep the last of two equal keys without a word, and nest as deep as the file likes. The format has
 * three fixed levels, so this parser has one function per level and never recurses.
 *
 * @throws {@link FormatError} for anything else.
 */
export function parseHeader(text: string): Header {
  const scanner = new Scanner(text);
  const entries = new Map<string, TensorEntry>();
  let metadata: Record<string, string> | undefined;
  scanner.object('the header', (name) => {
    if (name !== '__metadata__') entries.set(name, parseEntry(scanner, name));
    else metadata = parseMetadata(scanner);
  });
  scanner.end();
  return { entries, metadata: metadata ?? Object.create(null) };
}

function parseMetadata(scanner: Scanner): Record<string, string> {
  const metadata: Record<string, string> = Object.create(null);
  scanner.object('__metadata__', (name) => {
    metadata[name] = scanner.string();
  });
  return metadata;
}

function parseEntry(scanner: Scanner, name: string): TensorEntry {
  const where = `tensor ${JSON.stringify(name)}`;
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  scanner.object(where, (field) => {
    if (field === 'dtype') dtype = scanner.string();
    else if (field === 'shape') shape = scanner.integers();
    else if (field === 'data_offsets') offsets = scanner.integers();
    else throw scanner.error(`${where} has an unknown field ${JSON.stringify(field)}`);
  });
  if (dtype === undefined || shape === undefined || offsets?.length !== 2) {
    throw scanner.error(`${where} needs dtype, shape and data_offsets [begin, end]`);
  }
  return { dtype, shape, begin: offsets[0], end: offsets[1] };
}

/** Reads JSON tokens one after another, and says where one is missing. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** `{ "key": value, … }`; `readValue` reads each value. Equal keys are refused. */
  object(where: string, readValue: (key: string) => void): void {
    const keys = new Set<string>();
    this.#expect('{');
    if (this.#skip('}')) return;
    do {
      const key = this.string();
      if (keys.has(key)) throw this.error(`${where} has the key ${JSON.stringify(key)} twice`);
      keys.add(key);
      this.#expect(':');
      readValue(key);
    } while (this.#skip(','));
    this.#expect('}');
  }

  /** `[ 1, 2, … ]`, safe integers ≥ 0. */
  integers(): number[] {
    const values: number[] = [];
    this.#expect('[');
    if (this.#skip(']')) return values;
    do {
      const token = this.#match(/-?[\d.eE+-]+/y) ?? '';
      const value = Number(token);
      if (!/^(0|[1-9]\d*)$/.test(token) || !Number.isSafeInteger(value)) {
        throw this.error(`expected a whole number in 0…2^53−1, got ${JSON.stringify(token.slice(0, 40))}`);
      }
      values.push(value);
    } while (this.#skip(','));
    this.#expect(']');
    return values;
  }

  string(): string {
    const token = this.#match(/"(?:[^"\\]|\\.)*"/sy);
    if (token === undefined) throw this.error('expected a string');
    try {
      return JSON.parse(token) as string;
    } catch {
      throw this.error('a string holds a character or escape that JSON does not allow');
    }
  }

  /** Nothing but spaces may follow. */
  end(): void {
    this.#match(/\s*/y);
    if (this.#at < this.#text.length) throw this.error('something follows the closing brace');
  }

  error(problem: string): FormatError {
    return new FormatError('safetensors', `header, character ${this.#at}: ${problem}`);
  }

  #expect(character: string): void {
    if (!this.#skip(character)) throw this.error(`expected ${character}`);
  }

  #skip(character: string): boolean {
    this.#skipSpace();
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    this.#skipSpace();
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text)?.[0];
    this.#at += match?.length ?? 0;
    return match;
  }

  #skipSpace(): void {
    while (' \n\r\t'.includes(this.#text[this.#at] ?? '-')) this.#at++;
  }
}
