import { AnomclipError } from '@anomclip/core';
import { createRng, type Rng } from '@anomclip/core/random';
import type { Dataset, Sample } from '@anomclip/datasets';
import { btfPresets, fitBtf } from '@anomclip/methods';
import { resizeScan } from '@anomclip/pointcloud';
import { cleanScans, loadCleanScan } from '../../shared/clean-scan.js';
import { pickTestSamples, pickTrainSamples } from '../../shared/pick-samples.js';
import { scoredScan } from '../driver/encode-cloud.js';
import { evaluateClass, type ScoredSample } from '../driver/evaluate-class.js';
import type { RunCell } from '../driver/run-cells.js';
import type { BtfSettings } from './plan.js';

/** Learns from normal scans of the cell's class and scores its test split on the padded grid, as the paper does. */
export function createRunCell(dataset: Dataset): RunCell<BtfSettings> {
  return async ({ classes: [className], seed, options }, { signal, step }) => {
    const normal = dataset.samples({ className, split: 'train', label: 0 });
    const rng = createRng(seed).fork('btf', className);
    const train = pickTrainSamples(normal, options.trainSamples ?? normal.length, rng);
    const all = dataset.samples({ className, split: 'test' });
    const test = pickTestSamples(all, options.testSamples ?? undefined);

    // Scans arrive cleaned, so BTF takes them as they come.
    const { size } = options;
    const config = {
      ...btfPresets.reference,
      preprocess: 'raw',
      seed,
      size,
      patches: Math.round(size / 8),
    } as const;
    const detector = await fitBtf(cleanScans(train, backgroundRng), config, {
      signal,
      onProgress: ({ stage, done, total }) => step(`${stage} ${done} of ${total}`),
    });
    try {
      const scored: ScoredSample[] = [];
      for (const [i, sample] of test.entries()) {
        step(`scan ${i + 1} of ${test.length}`);
        const { id, label } = sample;
        const scan = await loadCleanScan(sample, backgroundRng(sample));
        const { imageScore, anomalyMap: map } = await detector.predict(scan, { signal });
        if (!map) throw new AnomclipError(`${id}: BTF gave no map`);
        const mask = detector.toModelGrid(scan.mask);
        const picture = () => {
          const { organised, image = scan.image } = resizeScan(scan, size, size);
          return { image, cloud: scoredScan(organised, { map, mask, image }) };
        };
        scored.push({ id, label, imageScore, map, mask, picture });
      }
      const { measurement, evidence } = await evaluateClass(className, scored, { aupro: 'mvtec3d' });
      return {
        measurements: [measurement],
        evidence: [evidence],
        details: { 'learned from': train.map(({ id }) => id), 'bank rows': detector.bankSize },
      };
    } finally {
      detector.dispose();
    }
  };
}

/** The same scan for every seed. */
function backgroundRng({ id }: Sample): Rng {
  return createRng(111).fork(id);
}
