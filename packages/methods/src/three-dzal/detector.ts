import { ArgumentError, breathe } from '@anomclip/core';
import { createAnomalyMap, type Mask } from '@anomclip/core/image';
import type { BtfSample } from '../btf/btf-detector.js';
import { mapFromModelGrid, maskToModelGrid, type Placement } from '../btf/model-grid.js';
import { distanceMap } from '../btf/score.js';
import type { Detector, PredictOptions } from '../detector.js';
import { type BankSearch, createBankSearch, type MatrixProduct, searchScore } from '../memory-bank/index.js';
import type { ThreeDzalConfig } from './config.js';
import { anomalyProbabilities, scanFeatures, type ThreeDzalModel } from './model.js';
import { prepareScan } from './prepared-scan.js';
import { fuseTerms, type ThreeDzalPrediction } from './score.js';

/** 3DzAL on organised scans: made by `fitThreeDzal` or `loadThreeDzal`. */
export interface ThreeDzalDetector extends Detector<BtfSample> {
  readonly config: ThreeDzalConfig;
  /** Rows of the memory bank. */
  readonly bankSize: number;
  /** Numbers per row; 1601 with colours and the paper's configuration. */
  readonly featureSize: number;
  /** What the features hold: without `rgb` the results are not comparable with the paper's. */
  readonly branches: readonly ('rgb' | 'fpfh' | 'learned')[];
  /** What learning and calibration measured. */
  readonly constants: ThreeDzalConstants;
  /**
   * `anomalyMap` is [H, W] of the scan, or [size, size] with `mapSize: 'model'`. A scan without points (none measured,
   * or none left after the cleaning) has scores of 0 and maps of zeros.
   *
   * @throws {@link ShapeError} when xyz is not [H, W, 3], {@link ArgumentError} when an image is needed and absent.
   */
  predict(sample: BtfSample, options?: PredictOptions): Promise<ThreeDzalPrediction>;
  /** A mask [H, W] of a scan as [size, size], to compare it with a map of `mapSize: 'model'`. */
  toModelGrid(mask: Mask): Mask;
  /** A safetensors file for `loadThreeDzal`; ImageNet's weights are not in it. */
  save(): Promise<Uint8Array>;
}

export interface ThreeDzalConstants {
  /** Median radius of the training patches in metres. */
  readonly patchScale: number;
  /** Factor of the learned features in the bank. */
  readonly learnedScale: number;
  /** What distances are divided by: the mean largest distance of normal scans, or 1. */
  readonly distanceScale: number;
}

/** A detector's parts before it is one. */
export interface ThreeDzalParts extends ThreeDzalModel, ThreeDzalConstants {
  /** [M, featureSize] row-major. */
  readonly bank: Float32Array;
  readonly featureSize: number;
  /** Searches the bank. */
  readonly product: MatrixProduct;
}

/**
 * @param parts - Kept; the state of the networks is freed with the detector, the colour network is not.
 * @param write - Makes the file.
 */
export function createThreeDzalDetector(
  parts: ThreeDzalParts,
  write: (parts: ThreeDzalParts) => Promise<Uint8Array>,
): ThreeDzalDetector {
  const { config, networks, bank, featureSize, product, colourNetwork } = parts;
  const { size, patches, blur, mapSize, fusion } = config;
  const reweighting = { neighbours: config.reweightNeighbours, includeSelf: config.reweightIncludesSelf };
  let usable = true;
  let search: Promise<BankSearch> | undefined; // made when it is first needed
  function check(): void {
    if (!usable)
      throw new ArgumentError('ThreeDzalDetector', 'a detector that has not been disposed', 'one that has');
  }

  return {
    config,
    bankSize: bank.length / featureSize,
    featureSize,
    branches: [
      ...(colourNetwork ? (['rgb'] as const) : []),
      'fpfh',
      ...(networks.learned ? (['learned'] as const) : []),
    ],
    constants: {
      patchScale: parts.patchScale,
      learnedScale: parts.learnedScale,
      distanceScale: parts.distanceScale,
    },

    async predict(sample, { signal } = {}) {
      check();
      await breathe(signal);
      const scan = await prepareScan('ThreeDzalDetector', sample, config, { network: colourNetwork, signal });
      if (!scan.fpfh) return nothing(scan.placement, config);
      const queries = await scanFeatures(parts, scan, signal);
      search ??= createBankSearch(bank, featureSize, { product });
      const { score, nearest } = await searchScore(await search, queries, { ...reweighting, signal });
      const probabilities = await anomalyProbabilities(parts, scan, signal);
      const mapOf = (values: Float64Array) => {
        const map = distanceMap(values, patches, size, blur);
        return mapSize === 'input' ? mapFromModelGrid(map, scan.placement) : map;
      };
      const scaled = nearest.distances.map((distance) => distance / parts.distanceScale);
      return fuseTerms(
        { score: score / parts.distanceScale, anomalyMap: mapOf(scaled) },
        {
          score: probabilities?.reduce((most, p) => Math.max(most, p), 0) ?? 0,
          anomalyMap: mapOf(probabilities ?? new Float64Array(patches ** 2)),
        },
        fusion,
      );
    },

    toModelGrid: (mask) => maskToModelGrid(mask, config),
    async save() {
      check();
      return write(parts);
    },
    dispose() {
      if (!usable) return;
      usable = false;
      networks.state.dispose();
      search?.then((made) => made.dispose()).catch(() => {}); // who waited for it has heard why
    },
  };
}

function nothing({ shape }: Placement, { size, mapSize, fusion }: ThreeDzalConfig): ThreeDzalPrediction {
  const [height, width] = mapSize === 'input' ? shape : [size, size];
  const term = () => ({ score: 0, anomalyMap: createAnomalyMap(height, width) });
  return fuseTerms(term(), term(), fusion);
}
