import { ArgumentError, type LongWorkOptions } from '@anomclip/core';
import { buildBank } from './bank.js';
import { type BtfDetector, type BtfSample, createBtfDetector } from './btf-detector.js';
import { type BtfConfig, btfConfig } from './config.js';
import { patchFeatures } from './features.js';
import { scanToModelGrid } from './model-grid.js';

/**
 * BTF ("Back to the Feature", Horwitz and Hoshen 2023, arXiv:2203.05550) on organised scans: a memory bank of the
 * FPFH patch features of normal scans. See the method's page for what follows the paper and what its released program.
 *
 * Scans are taken from `samples` one at a time and not kept. Stages: `'features'`, one step per scan, and `'coreset'`,
 * one step per bank row.
 *
 * @param samples - Normal scans of one category.
 * @throws {@link ArgumentError} when the configuration cannot work, there is no scan, or a scan has no points.
 * @throws {@link ShapeError} when the xyz of a scan is not [H, W, 3].
 */
export async function fitBtf(
  samples: Iterable<BtfSample> | AsyncIterable<BtfSample>,
  config: Partial<BtfConfig> = {},
  options: LongWorkOptions = {},
): Promise<BtfDetector> {
  const complete = btfConfig(config);
  function rowsOf({ organised }: BtfSample, position: number): Float32Array {
    const rows = patchFeatures(scanToModelGrid({ organised }, complete).organised, complete);
    if (rows) return rows;
    const hint =
      complete.preprocess === 'btf' ? 'the cleaning may have taken all; see background' : undefined;
    throw new ArgumentError('fitBtf', 'scans with points', `sample ${position} without any`, hint);
  }
  const bank = await buildBank('fitBtf', samples, rowsOf, complete, options);
  return createBtfDetector(bank, complete);
}
