import { ArgumentError, FormatError } from '@anomclip/core';
import { readSafetensors, writeSafetensors } from '@anomclip/core/weights';
import { FPFH_SIZE } from './features.js';

/** What a file is for: a bank of patches of scans, or of points of clouds. */
export type BankKind = 'btf' | 'btf-cloud';

/** Of the file's layout. Rises when an older library would read a newer file wrongly. */
const VERSION = '1';

/** One safetensors file: tensor `bank` [M, 33]; metadata `kind`, `version` and `config` (JSON). */
export function writeBank(kind: BankKind, bank: Float32Array, config: object): Uint8Array {
  return writeSafetensors(
    { bank: { shape: [bank.length / FPFH_SIZE, FPFH_SIZE], data: bank.slice() } },
    { kind, version: VERSION, config: JSON.stringify(config) },
  );
}

/**
 * What {@link writeBank} wrote. Nothing in the file is trusted.
 *
 * @param checkConfig - Throws {@link ArgumentError} when the file's configuration cannot work.
 * @throws {@link FormatError} when the file is anything else.
 */
export function readBank<Config>(
  kind: BankKind,
  bytes: Uint8Array,
  checkConfig: (given: object) => Config,
): { bank: Float32Array; config: Config } {
  const { tensors, metadata } = readSafetensors(bytes);
  if (metadata.kind !== kind) {
    const found = metadata.kind === undefined ? 'no kind' : `kind ${JSON.stringify(metadata.kind)}`;
    throw new FormatError(FORMAT, `the file has ${found}, wanted "${kind}"`, 'see save() of the detector');
  }
  if (metadata.version !== VERSION) {
    const found = JSON.stringify(metadata.version) ?? 'missing';
    throw new FormatError(
      FORMAT,
      `version is ${found}, this library reads "${VERSION}"`,
      'fit the detector again',
    );
  }
  return { bank: bankOf(tensors), config: readConfig(metadata.config, checkConfig) };
}

const FORMAT = 'BTF memory bank';

function bankOf(tensors: ReturnType<typeof readSafetensors>['tensors']): Float32Array {
  const names = [...tensors.keys()];
  const tensor = tensors.get('bank');
  if (!tensor || names.length !== 1) {
    throw new FormatError(FORMAT, `tensors are [${names.join(', ')}], wanted "bank" alone`);
  }
  const { shape, data } = tensor;
  if (!(data instanceof Float32Array) || shape.length !== 2 || shape[0] < 1 || shape[1] !== FPFH_SIZE) {
    throw new FormatError(
      FORMAT,
      `bank is ${tensor.dtype} [${shape.join(', ')}], wanted F32 [M, ${FPFH_SIZE}]`,
    );
  }
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new FormatError(FORMAT, `bank holds ${data[bad]} in row ${Math.floor(bad / FPFH_SIZE)}`);
  return data.slice(); // not a view: the detector outlives the caller's bytes
}

function readConfig<Config>(text: string | undefined, check: (given: object) => Config): Config {
  try {
    const config: unknown = JSON.parse(text ?? '');
    if (typeof config === 'object' && config !== null) return check(config);
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof ArgumentError)) throw error;
    throw new FormatError(FORMAT, `its config cannot be used: ${error.message}`);
  }
  throw new FormatError(FORMAT, 'its config is not a JSON object');
}
