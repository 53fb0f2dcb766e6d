import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { PartialClip3dConfig } from '@anomclip/methods/clip3d-ad';
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

const engines = ['wasm', 'onnxruntime-node'] as const;
const fusions = ['joint', 'per-view', 'mean-first'] as const;

/**
 * CLIP3D-AD at full size (ViT-B/16+ at 240), random weights, images by onnxruntime-node, the training on wasm and by
 * onnxruntime-node; no peer exists. With the default fusion, attention over the patches of all views, with attention within
 * each view, and with the cheapest.
 */
export async function benchClip3d(rounds: number): Promise<boolean> {
  for (const [fusion, engine] of fusions.flatMap((fusion) =>
    engines.map((engine) => [fusion, engine] as const),
  )) {
    const report = fitClip3d({ localFuse: fusion, epochs: Math.min(rounds, 3) + 2 }, engine);
    const step = median(report.stepSeconds.slice(2)); // the first compiles, the second sees whether it may
    console.log(
      `CLIP3D-AD, ViT-B/16+ at 240, ${fusion} on ${engine}: ${step.toFixed(2)} s per step of one pair, test scan ${report.prepareSeconds.toFixed(2)} s to prepare and ${report.scoreSeconds.toFixed(2)} s to score, peak ${report.megabytes.toFixed(0)} MB`,
    );
  }
  return true;
}

/** In a process of its own, whose peak of memory is the method's. */
function fitClip3d(config: PartialClip3dConfig, engine: string): FitClip3dReport {
  const program = fileURLToPath(new URL('../fit-clip3d.ts', import.meta.url));
  const printed = execFileSync(
    process.execPath,
    [...process.execArgv, program, JSON.stringify(config), engine],
    {
      encoding: 'utf8',
    },
  );
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as FitClip3dReport;
}
