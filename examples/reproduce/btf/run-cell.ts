import { AnomclipError } from '@anomclip/core';
import { createRng } from '@anomclip/core/random';
import type { Dataset, Sample } from '@anomclip/datasets';
import { btfPresets, fitBtf } from '@anomclip/methods';
import { removeBackground, resizeScan, type Scan } from '@anomclip/pointcloud';
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
    const detector = await fitBtf(cleanScans(train), config, {
      signal,
      onProgress: ({ stage, done, total }) => step(`${stage} ${done} of ${total}`),
    });
    try {
      const scored: ScoredSample[] = [];
      for (const [i, sample] of test.entries()) {
        step(`scan ${i + 1} of ${test.length}`);
        const { id, label } = sample;
        const scan = await loadCleanScan(sample);
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

/** One after the other: the next scan is read when the detector has taken the one before. */
async function* cleanScans(samples: readonly Sample[]) {
  for (const sample of samples) yield loadCleanScan(sample);
}

/** Reads a scan and removes the support plane and everything that does not belong to the object. */
async function loadCleanScan(sample: Sample): Promise<Required<Scan>> {
  const { organised, mask, image } = await sample.load();
  if (!organised || !mask || !image) {
    throw new AnomclipError(`${sample.id} has no organised points with image and mask, which BTF needs here`);
  }
  const rng = createRng(111).fork(sample.id); // the same scan for every seed
  const clean = removeBackground({ organised, mask, image }, { rng });
  return { organised: clean.organised, mask: clean.mask ?? mask, image: clean.image ?? image };
}
