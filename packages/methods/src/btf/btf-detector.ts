import { ArgumentError, breathe, type OrganisedCloud } from '@anomclip/core';
import { createAnomalyMap, type Image, type Mask } from '@anomclip/core/image';
import type { Detector, Prediction, PredictOptions } from '../detector.js';
import { nearestRows, reweightedScore } from '../memory-bank/index.js';
import { readBank, writeBank } from './bank-file.js';
import { type BtfConfig, btfConfig } from './config.js';
import { FPFH_SIZE, patchFeatures } from './features.js';
import { mapFromModelGrid, maskToModelGrid, scanToModelGrid } from './model-grid.js';
import { distanceMap } from './score.js';

/** A scan for {@link BtfDetector}. */
export interface BtfSample {
  /** xyz [H, W, 3] of any size; (0, 0, 0), or one coordinate 0, where nothing was measured. */
  readonly organised: OrganisedCloud;
  /** [H, W, 3]; not looked at by modality `'fpfh'`. */
  readonly image?: Image;
}

/** BTF on organised scans: made by `fitBtf` or `loadBtf`. */
export interface BtfDetector extends Detector<BtfSample> {
  readonly config: BtfConfig;
  /** Rows of the memory bank. */
  readonly bankSize: number;
  /**
   * `anomalyMap` is [H, W] of the scan, or [size, size] with `mapSize: 'model'`. A scan without points (none measured,
   * or none left after the cleaning) has an image score of 0 and a map of zeros.
   *
   * @throws {@link ShapeError} when xyz is not [H, W, 3].
   */
  predict(sample: BtfSample, options?: PredictOptions): Promise<Prediction>;
  /** A mask [H, W] of a scan as [size, size], to compare it with a map of `mapSize: 'model'`. */
  toModelGrid(mask: Mask): Mask;
  /** A safetensors file for `loadBtf`. */
  save(): Uint8Array;
}

/**
 * A detector from the bytes that `save()` gave.
 *
 * @throws {@link FormatError} when the file is malformed, of another kind or version, or its content cannot work.
 */
export function loadBtf(bytes: Uint8Array): BtfDetector {
  const { bank, config } = readBank('btf', bytes, btfConfig);
  return createBtfDetector(bank, config);
}

/** @param rows - [M, 33] row-major; kept. */
export function createBtfDetector(rows: Float32Array, config: BtfConfig): BtfDetector {
  const { size, patches, blur, mapSize, reweightNeighbours } = config;
  let bank: Float32Array | null = rows;
  function usableBank(): Float32Array {
    if (bank) return bank;
    throw new ArgumentError('BtfDetector', 'a detector that has not been disposed', 'one that has');
  }

  return {
    config,
    bankSize: rows.length / FPFH_SIZE,

    async predict({ organised }, { signal } = {}) {
      const bank = usableBank();
      await breathe(signal);
      const scan = scanToModelGrid({ organised }, config);
      await breathe(signal);
      const queries = patchFeatures(scan.organised, config);
      await breathe(signal);
      const toMapSize = (map: Prediction['anomalyMap']) =>
        map && mapSize === 'input' ? mapFromModelGrid(map, scan.placement) : map;
      if (!queries) return { imageScore: 0, anomalyMap: toMapSize(createAnomalyMap(size, size)) };

      const nearest = nearestRows(queries, bank, FPFH_SIZE);
      const options = { neighbours: reweightNeighbours };
      const { score } = reweightedScore(queries, bank, FPFH_SIZE, nearest, options);
      return {
        imageScore: score,
        anomalyMap: toMapSize(distanceMap(nearest.distances, patches, size, blur)),
      };
    },

    toModelGrid: (mask) => maskToModelGrid(mask, config),
    save: () => writeBank('btf', usableBank(), config),
    dispose() {
      bank = null;
    },
  };
}
