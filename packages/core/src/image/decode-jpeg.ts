import ndarray from 'ndarray';
import { FormatError } from '../errors.js';
import type { DecodeOptions } from './decode-options.js';
import { assertPlausibleJpeg } from './jpeg-frame.js';
import type { Image } from './types.js';

/**
 * Decodes a JPEG file, baseline or progressive, grey or colour, to the bytes Pillow gives. The decoder, mozjpeg as
 * WebAssembly, is loaded on the first call. An orientation in the metadata is not applied.
 *
 * @returns [H, W, 3].
 * @throws {@link FormatError} when it is no JPEG, is cut off or damaged, is of a rare kind (CMYK, 12 bits, arithmetic
 *   coding), or has more than `maxPixels` pixels.
 */
export async function decodeJpeg(bytes: Uint8Array, options: DecodeOptions = {}): Promise<Image> {
  assertPlausibleJpeg(bytes, options);
  decoder ??= loadDecoder();
  const { codec, messages } = await decoder.catch((error: unknown) => {
    decoder = undefined; // the next call tries again
    throw error;
  });
  messages.length = 0;
  let decoded: DecodedPixels | null = null;
  try {
    decoded = withImageData(() => codec.decode(bytes, false));
  } catch {
    // The codec leaves by exiting like a program, its memory as it was: the next call starts with a fresh one.
    decoder = undefined;
  }
  // After a warning, of which it prints the first, the codec goes on with made-up pixels. Only filling bytes before the
  // end marker, which some cameras write, do no harm.
  const complaint = messages.find((message) => !/extraneous bytes before marker 0xd9/.test(message));
  if (decoded === null || complaint !== undefined) {
    throw new FormatError('JPEG', `the file cannot be decoded: ${complaint ?? 'the codec gives no reason'}`);
  }
  return ndarray(dropAlpha(decoded.data), [decoded.height, decoded.width, 3]);
}

interface DecodedPixels {
  readonly width: number;
  readonly height: number;
  /** RGBA. */
  readonly data: Uint8ClampedArray;
}

interface Codec {
  decode(bytes: Uint8Array, preserveOrientation: boolean): DecodedPixels | null;
}

/** The part of Emscripten's module options that is used here. */
interface CodecOptions {
  noInitialRun: boolean;
  print(message: string): void;
  printErr(message: string): void;
  instantiateWasm?(
    imports: WebAssembly.Imports,
    onReady: (instance: WebAssembly.Instance) => void,
  ): WebAssembly.Exports;
}

interface Decoder {
  readonly codec: Codec;
  /** What the codec has printed. */
  readonly messages: string[];
}

let decoder: Promise<Decoder> | undefined;

async function loadDecoder(): Promise<Decoder> {
  const { default: factory } = await import('@jsquash/jpeg/codec/dec/mozjpeg_dec.js');
  const create = factory as unknown as (options: CodecOptions) => Promise<Codec>;
  const messages: string[] = [];
  const report = (message: string): void => void messages.push(message);
  const options: CodecOptions = { noInitialRun: true, print: report, printErr: report };
  const wasm = await compileInNode();
  if (wasm) {
    options.instantiateWasm = (imports, onReady) => {
      const instance = new WebAssembly.Instance(wasm, imports);
      onReady(instance);
      return instance.exports;
    };
  }
  return { codec: await withImageData(() => create(options)), messages };
}

/**
 * In browsers the codec fetches its binary by a URL that bundlers understand; in Node that would be a `file:` URL, which
 * `fetch` refuses. Node's modules are asked for at run time, so that bundles for browsers do not look for them.
 */
async function compileInNode(): Promise<WebAssembly.Module | undefined> {
  if (typeof process === 'undefined' || !process.versions?.node || !process.getBuiltinModule)
    return undefined;
  const { createRequire } = process.getBuiltinModule('node:module');
  const { readFile } = process.getBuiltinModule('node:fs/promises');
  const path = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');
  return WebAssembly.compile(await readFile(path));
}

/** Runs synchronous work with a global `ImageData`, which the codec constructs and Node does not have. */
function withImageData<T>(work: () => T): T {
  const global = globalThis as { ImageData?: unknown };
  if (global.ImageData !== undefined) return work();
  global.ImageData = class {
    constructor(
      readonly data: Uint8ClampedArray,
      readonly width: number,
      readonly height: number,
    ) {}
  };
  try {
    return work();
  } finally {
    delete global.ImageData;
  }
}

function dropAlpha(rgba: Uint8ClampedArray): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from];
    rgb[to++] = rgba[from + 1];
    rgb[to++] = rgba[from + 2];
  }
  return rgb;
}
