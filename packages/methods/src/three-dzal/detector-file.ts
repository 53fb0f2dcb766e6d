import { ArgumentError, FormatError } from '@anomclip/core';
import type { ResNet } from '@anomclip/core/resnet';
import {
  readSafetensors,
  type SafetensorsTensor,
  type TensorToWrite,
  writeSafetensors,
} from '@anomclip/core/weights';
import { tfjsProduct } from '../matrix-products/index.js';
import type { MatrixProduct } from '../memory-bank/index.js';
import { type ThreeDzalConfig, threeDzalConfig } from './config.js';
import {
  createThreeDzalDetector,
  type ThreeDzalConstants,
  type ThreeDzalDetector,
  type ThreeDzalParts,
} from './detector.js';
import { createNetworks } from './networks.js';
import { baseSize } from './prepared-scan.js';

/** Of the file's layout. Rises when an older library would read a newer file wrongly. */
const VERSION = '1';
const KIND = 'three-dzal';

/** One safetensors file: `bank`, `networks/…`, and as metadata the configuration and the measured constants. */
export async function writeThreeDzal(parts: ThreeDzalParts): Promise<Uint8Array> {
  const { bank, featureSize, networks, config, patchScale, learnedScale, distanceScale } = parts;
  const tensors = new Map<string, TensorToWrite>();
  tensors.set('bank', { shape: [bank.length / featureSize, featureSize], data: bank.slice() });
  for (const [name, tensor] of await networks.state.save()) tensors.set(PREFIX + name, tensor);
  const constants: ThreeDzalConstants = { patchScale, learnedScale, distanceScale };
  return writeSafetensors(tensors, {
    kind: KIND,
    version: VERSION,
    config: JSON.stringify(config),
    constants: JSON.stringify(constants),
  });
}

export interface LoadThreeDzalOptions {
  /** The one it was fitted with, if it was; stays the caller's. */
  readonly colourNetwork?: ResNet;
  /** Searches the bank. @defaultValue `tfjsProduct()`, on the current backend */
  readonly product?: MatrixProduct;
}

/**
 * A detector from the bytes that `save()` gave. Nothing in the file is trusted.
 *
 * @throws {@link FormatError} when the file is malformed, of another kind or version, or its content cannot work;
 *   {@link ArgumentError} when the colour network is missing or has not been there before.
 */
export function loadThreeDzal(
  bytes: Uint8Array,
  { colourNetwork, product = tfjsProduct() }: LoadThreeDzalOptions = {},
): ThreeDzalDetector {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.kind !== KIND || metadata.version !== VERSION) {
    const found = `kind ${JSON.stringify(metadata.kind)}, version ${JSON.stringify(metadata.version)}`;
    throw new FormatError(FORMAT, `the file has ${found}, wanted "${KIND}", version "${VERSION}"`);
  }
  const config = readConfig(metadata.config);
  const constants = readConstants(metadata.constants);
  const { bank, featureSize } = readBank(tensors.get('bank'));
  const learnedSize = config.learned.enabled ? config.learned.dimension : 0;
  const hasColours = featureSize === baseSize(true) + learnedSize;
  if (!hasColours && featureSize !== baseSize(false) + learnedSize) {
    const wanted = `${baseSize(false) + learnedSize} or ${baseSize(true) + learnedSize}`;
    throw new FormatError(FORMAT, `bank has rows of ${featureSize} numbers, its config says ${wanted}`);
  }
  if (hasColours !== (colourNetwork !== undefined)) {
    const wanted = hasColours ? 'the colour network that the detector was fitted with' : 'no colour network';
    throw new ArgumentError('loadThreeDzal', wanted, hasColours ? 'none' : 'one');
  }
  const networks = createNetworks(config, constants.patchScale);
  try {
    networks.state.load(readValues(tensors, networks.state.shapes));
  } catch (error) {
    networks.state.dispose();
    throw error;
  }
  const parts = {
    config,
    networks,
    bank,
    featureSize,
    product,
    ...constants,
    ...(colourNetwork && { colourNetwork }),
  };
  return createThreeDzalDetector(parts, writeThreeDzal);
}

const FORMAT = '3DzAL detector';
const PREFIX = 'networks/';

function readBank(tensor: SafetensorsTensor | undefined): { bank: Float32Array; featureSize: number } {
  if (!tensor) throw new FormatError(FORMAT, 'bank is missing');
  const { shape } = tensor;
  if (shape.length !== 2 || shape[0] < 1 || shape[1] < 1) {
    throw new FormatError(FORMAT, `bank is [${shape.join(', ')}], wanted [M, D]`);
  }
  return { bank: finite('bank', tensor), featureSize: shape[1] };
}

function readValues(
  tensors: ReadonlyMap<string, SafetensorsTensor>,
  shapes: ReadonlyMap<string, readonly number[]>,
): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of shapes) {
    const tensor = tensors.get(PREFIX + name);
    if (tensor?.shape.join() !== shape.join()) {
      const found = tensor ? `[${tensor.shape.join(', ')}]` : 'missing';
      throw new FormatError(FORMAT, `${PREFIX}${name} is ${found}, wanted [${shape.join(', ')}]`);
    }
    const data = finite(name, tensor);
    if (name.endsWith('running_var') && data.some((value) => value < 0)) {
      throw new FormatError(FORMAT, `${PREFIX}${name} holds a variance below 0`);
    }
    values.set(name, data);
  }
  if (tensors.size !== shapes.size + 1) {
    throw new FormatError(FORMAT, `it holds ${tensors.size} tensors, its config says ${shapes.size + 1}`);
  }
  return values;
}

/** A copy: the detector outlives the caller's bytes. */
function finite(name: string, { data }: SafetensorsTensor): Float32Array {
  if (!(data instanceof Float32Array) || !data.every(Number.isFinite)) {
    throw new FormatError(FORMAT, `${name} does not hold finite float32 numbers`);
  }
  return data.slice();
}

function readConfig(text: string | undefined): ThreeDzalConfig {
  const config = readObject('config', text);
  try {
    return threeDzalConfig(config);
  } catch (error) {
    if (!(error instanceof ArgumentError)) throw error;
    throw new FormatError(FORMAT, `its config cannot be used: ${error.message}`);
  }
}

function readConstants(text: string | undefined): ThreeDzalConstants {
  const given: Readonly<Record<string, unknown>> = { ...readObject('constants', text) };
  const positive = (name: keyof ThreeDzalConstants): number => {
    const value = given[name];
    if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value;
    throw new FormatError(FORMAT, `its ${name} is ${JSON.stringify(value)}, wanted a number above 0`);
  };
  return {
    patchScale: positive('patchScale'),
    learnedScale: positive('learnedScale'),
    distanceScale: positive('distanceScale'),
  };
}

function readObject(name: string, text: string | undefined): object {
  try {
    const value: unknown = JSON.parse(text ?? '');
    if (typeof value === 'object' && value !== null) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new FormatError(FORMAT, `its ${name} is not a JSON object`);
}
