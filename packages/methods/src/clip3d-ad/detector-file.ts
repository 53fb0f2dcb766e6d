import { ArgumentError, FormatError } from '@anomclip/core';
import type { ClipConfig } from '@anomclip/core/clip';
import { readSafetensors, writeSafetensors } from '@anomclip/core/weights';
import type { Box } from '@anomclip/pointcloud/views';
import type { HeadValues } from '../heads/weights.js';
import { type Clip3dConfig, clip3dConfig, sizesOf } from './config.js';
import { type Clip3dDetector, createClip3dDetector } from './detector.js';
import type { Clip3dEncoder } from './features.js';
import { headShapes } from './head-shapes.js';

/** The CLIP that a saved detector needs. */
export interface Clip3dRequirements {
  /** Length of both embeddings. */
  readonly embeddingWidth: number;
  readonly vision: ClipConfig['vision'];
  /** What names the weights, `checkpointKey`, where that was said when fitting. */
  readonly weights?: string;
}

/** Of the file's layout. Rises when an older library would read a newer file wrongly. */
const VERSION = '1';

/**
 * All that a detector has learned: a safetensors file with adapter, decoder, fusion and both adapted texts. No weight of
 * CLIP is inside; the file says which CLIP it needs.
 *
 * @param clip - The configuration of the CLIP it was fitted with.
 */
export async function saveClip3d(
  detector: Clip3dDetector,
  { vision, embeddingWidth }: Pick<ClipConfig, 'vision' | 'embeddingWidth'>,
): Promise<Uint8Array> {
  const { config, weights, drawn } = detector;
  const needed: Clip3dRequirements = { embeddingWidth, vision, ...(weights !== undefined && { weights }) };
  return writeSafetensors(await detector.readValues(), {
    kind: KIND,
    version: VERSION,
    config: JSON.stringify(config),
    clip: JSON.stringify(needed),
    ...(drawn && { drawn: JSON.stringify(drawn) }),
  });
}

/**
 * Which CLIP a saved detector needs, before that is loaded.
 *
 * @throws {@link FormatError} when the file is anything else.
 */
export function clip3dRequirements(bytes: Uint8Array): Clip3dRequirements {
  return readFile(bytes).needed;
}

/**
 * A detector from what {@link saveClip3d} gave. Nothing in the file is trusted.
 *
 * @param clip - The CLIP it was fitted with; its vision tower is enough, and stays the caller's.
 * @param weights - What names the weights of that CLIP, to be compared with the file.
 * @throws {@link FormatError} when the file is anything else, {@link ArgumentError} when it needs another CLIP.
 */
export function loadClip3d(
  bytes: Uint8Array,
  clip: Clip3dEncoder,
  { weights }: { weights?: string } = {},
): Clip3dDetector {
  const { tensors, config, needed, drawn } = readFile(bytes);
  const { vision, embeddingWidth } = clip.config;
  for (const [name, here, wanted] of [
    ['embeddings', embeddingWidth, needed.embeddingWidth],
    ...visionSizes.map((size) => [size, vision[size], needed.vision[size]] as const),
  ] as const) {
    if (here === wanted) continue;
    throw new ArgumentError(WHERE, `the CLIP it was fitted with, with ${name} of ${wanted}`, here);
  }
  if (weights !== undefined && needed.weights !== undefined && weights !== needed.weights) {
    throw new ArgumentError(WHERE, `the weights it was fitted with, ${needed.weights}`, weights);
  }
  const values = checkValues(tensors, headShapes(config, sizesOf(config, clip.config)));
  const known = needed.weights ?? weights;
  return createClip3dDetector(clip, values, config, {
    ...(known !== undefined && { weights: known }),
    ...(drawn && { drawn }),
  });
}

const WHERE = 'loadClip3d';
const KIND = 'clip3d-ad';
const FORMAT = 'CLIP3D-AD detector';
const visionSizes = ['imageSize', 'patchSize', 'width', 'layers', 'heads'] as const;

type Tensors = ReturnType<typeof readSafetensors>['tensors'];

function checkValues(tensors: Tensors, expected: ReadonlyMap<string, readonly number[]>): HeadValues {
  const values: HeadValues = {};
  for (const name of tensors.keys()) {
    if (!expected.has(name)) throw new FormatError(FORMAT, `holds ${name}, which its configuration has not`);
  }
  for (const [name, shape] of expected) {
    const tensor = tensors.get(name);
    if (tensor?.shape.join() !== shape.join()) {
      throw new FormatError(FORMAT, `${name} is [${tensor?.shape ?? 'missing'}], wanted [${shape}]`);
    }
    if (!(tensor.data instanceof Float32Array) || !tensor.data.every(Number.isFinite)) {
      throw new FormatError(FORMAT, `${name} does not hold finite float32 numbers`);
    }
    values[name] = { shape: [...shape], data: tensor.data };
  }
  return values;
}

interface Contents {
  readonly tensors: Tensors;
  readonly config: Clip3dConfig;
  readonly needed: Clip3dRequirements;
  readonly drawn?: Box;
}

function readFile(bytes: Uint8Array): Contents {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.kind !== KIND || metadata.version !== VERSION) {
    const found = `kind ${JSON.stringify(metadata.kind)}, version ${JSON.stringify(metadata.version)}`;
    throw new FormatError(FORMAT, `the file has ${found}, wanted "${KIND}", version "${VERSION}"`);
  }
  const needed = parse('clip', metadata.clip);
  if (!isRequirements(needed)) throw new FormatError(FORMAT, 'it does not say which CLIP it needs');
  const drawn = metadata.drawn === undefined ? undefined : readBox(metadata.drawn);
  return { tensors, config: readConfig(metadata.config), needed, ...(drawn && { drawn }) };
}

function readBox(text: string): Box {
  const { low, high } = parse('drawn', text) as { [Key in keyof Box]?: unknown };
  const isCorner = (corner: unknown): corner is Box['low'] =>
    Array.isArray(corner) && corner.length === 3 && corner.every(Number.isFinite);
  if (isCorner(low) && isCorner(high) && low.every((value, axis) => value <= high[axis]))
    return { low, high };
  throw new FormatError(FORMAT, 'its drawn is not a box');
}

function isRequirements(value: object): value is Clip3dRequirements {
  const { embeddingWidth, vision, weights } = value as { [Key in keyof Clip3dRequirements]?: unknown };
  if (typeof vision !== 'object' || vision === null) return false;
  const sizes = [embeddingWidth, ...visionSizes.map((name) => (vision as Record<string, unknown>)[name])];
  return sizes.every(Number.isSafeInteger) && (weights === undefined || typeof weights === 'string');
}

function readConfig(text: string | undefined): Clip3dConfig {
  const given = parse('config', text);
  try {
    return clip3dConfig(given);
  } catch (error) {
    if (!(error instanceof ArgumentError || error instanceof TypeError)) throw error;
    throw new FormatError(FORMAT, `its config cannot be used: ${error.message}`);
  }
}

function parse(name: string, text: string | undefined): object {
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new FormatError(FORMAT, `its ${name} is not a JSON object`);
}
