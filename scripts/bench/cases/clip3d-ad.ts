import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from '../compare.js';

/** What a process of `fit-clip3d.ts` says. */
export interface FitClip3dReport {
  /** Of every training step of one pair: an anomaly, six images encoded, both losses, gradients, Adam. */
  readonly stepSeconds: readonly number[];
  /** Cleaning and rendering a scan of 400 × 400. */
  readonly prepareSeconds: number;
  /** Encoding and scoring it. */
  readonly scoreSeconds: number;
  /** Of the process at its peak. */
  readonly megabytes: number;
}

/**
 * CLIP3D-AD at full size (ViT-B/16+ at 240), random weights, images by onnxruntime-node, the rest on wasm; no peer exists.
 * Views are fused by their mean first: with attention over all views, training needs more than wasm's heap of 4 GB.
 */
export async function benchClip3d(rounds: number): Promise<boolean> {
  const program = fileURLToPath(new URL('../fit-clip3d.ts', import.meta.url));
  const config = JSON.stringify({ localFuse: 'mean-first', epochs: Math.min(rounds, 3) + 1 });
  const printed = execFileSync(process.execPath, [...process.execArgv, program, config], {
    encoding: 'utf8',
  });
  const report = JSON.parse(printed.trim().split('\n').at(-1) ?? '') as FitClip3dReport;
  const step = median(report.stepSeconds.slice(1)); // the first compiles
  console.log(
    `CLIP3D-AD, ViT-B/16+ at 240, mean-first: ${step.toFixed(2)} s per step of one pair, test scan ${report.prepareSeconds.toFixed(2)} s to prepare and ${report.scoreSeconds.toFixed(2)} s to score, peak ${report.megabytes.toFixed(0)} MB`,
  );
  return true;
}
