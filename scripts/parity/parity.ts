import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { readSafetensors, type Safetensors, writeSafetensors } from '@anomclip/core/weights';
import { checkBackProjection } from './checks/back-projection.js';
import { checkCheckpoint } from './checks/checkpoints.js';
import { checkClip } from './checks/clip.js';
import { checkFsac } from './checks/clip-fsac-pp.js';
import { checkClip3d } from './checks/clip3d-ad.js';
import { checkImageOps } from './checks/image-ops.js';
import { checkMemoryBank } from './checks/memory-bank.js';
import { checkMetrics } from './checks/metrics.js';
import { checkPointad } from './checks/pointad.js';
import { checkPointcloud } from './checks/pointcloud.js';
import { checkPointNet } from './checks/pointnet.js';
import { checkResNet } from './checks/resnet.js';
import { checkPerlin, checkPoisson } from './checks/synth.js';
import { checkThreeDzal } from './checks/three-dzal.js';
import { checkTokenizer } from './checks/tokenizer.js';
import { checkUnseenCategories } from './checks/unseen-categories.js';
import { checkClip3dRotations, checkRenderOpen3d } from './checks/views.js';
import { Golden } from './golden.js';

/** One comparison of the library with a golden result. */
export interface CheckResult {
  readonly file: string;
  readonly name: string;
  /** The largest error, in the unit that `tolerance` has. */
  readonly error: number;
  readonly tolerance: number;
  readonly passed: boolean;
}

export interface ParityResult {
  readonly checks: readonly CheckResult[];
  /** Golden files that no check of ours reads yet. */
  readonly notBuilt: readonly string[];
}

/**
 * A check runs the library on a golden file, which lies in `folder`, and states how far it is off:
 * `compare(name, error, tolerance)`.
 */
type Check = (golden: Golden, compare: Compare, folder: string) => void | Promise<void>;
export type Compare = (name: string, error: number, tolerance: number) => void;

const checks: Readonly<Record<string, Check>> = {
  'clip-fsac-pp-head': checkFsac,
  'clip-gelu': checkClip,
  'clip-quickgelu': checkClip,
  'clip3d-ad': async (golden, compare) => {
    checkClip3dRotations(golden, compare);
    await checkClip3d(golden, compare);
  },
  'image-ops': checkImageOps,
  'memory-bank': checkMemoryBank,
  metrics: checkMetrics,
  perlin: checkPerlin,
  pointcloud: checkPointcloud,
  pointnet2: checkPointNet,
  'resnet-thin': checkResNet,
  'pointad-train-step': async (golden, compare) => {
    checkBackProjection(golden, compare);
    await checkPointad(golden, compare);
  },
  'three-dzal': checkThreeDzal,
  tokenizer: checkTokenizer,
  'unseen-categories': checkUnseenCategories,
  'render-open3d': checkRenderOpen3d,
  poisson: checkPoisson,
};

/** Runs every check on the golden files of a folder; `onCheck` hears each result as it comes. */
export async function runParity(
  folder: string,
  onCheck: (result: CheckResult) => void = () => {},
): Promise<ParityResult> {
  const results: CheckResult[] = [];
  const notBuilt: string[] = [];
  for (const path of goldenFiles(folder)) {
    const file = relative(folder, path);
    const compare: Compare = (name, error, tolerance) => {
      const result = { file, name, error, tolerance, passed: error <= tolerance };
      results.push(result);
      onCheck(result);
    };
    if (path.endsWith('.safetensors')) {
      const bytes = new Uint8Array(readFileSync(path));
      const tensors = readSafetensors(bytes);
      compare('safetensors round trip', differingTensors(tensors, rewrite(tensors)), 0);
      const check = checks[basename(file, '.safetensors')];
      if (check) await check(new Golden(tensors), compare, dirname(path));
      else if (!belongsToOthers.has(basename(file))) notBuilt.push(file);
    } else {
      await checkCheckpoint(path, compare);
    }
  }
  return { checks: results, notBuilt };
}

function goldenFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return goldenFiles(path);
      return /\.(safetensors|pth?)$/.test(entry.name) ? [path] : [];
    });
}

/** Read together with the files beside them: the weights of a trained model, what the checkpoints hold. */
const belongsToOthers = new Set(['open_clip_model.safetensors', 'expected.safetensors']);

function rewrite({ tensors, metadata }: Safetensors): Safetensors {
  return readSafetensors(writeSafetensors(Object.fromEntries(tensors), metadata));
}

function differingTensors(a: Safetensors, b: Safetensors): number {
  let differing = Math.abs(a.tensors.size - b.tensors.size);
  if (sorted(a.metadata) !== sorted(b.metadata)) differing++;
  for (const [name, tensor] of a.tensors) {
    const other = b.tensors.get(name);
    const same =
      other !== undefined &&
      other.dtype === tensor.dtype &&
      other.shape.join() === tensor.shape.join() &&
      Buffer.compare(bytesOf(tensor.data), bytesOf(other.data)) === 0;
    if (!same) differing++;
  }
  return differing;
}

function sorted(metadata: Record<string, string>): string {
  return JSON.stringify(Object.entries(metadata).sort());
}

function bytesOf(data: ArrayBufferView): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}
