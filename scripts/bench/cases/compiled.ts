import { readFileSync } from 'node:fs';
import { parseClipConfig } from '@anomclip/core/clip';
import { compare } from '../compare.js';
import { Peer } from '../peer.js';

/** What a process of `train-tower.ts` does whenever it is told to. */
export interface TrainTowerSetting {
  readonly engine: 'compiled' | 'wasm';
  /** OpenCLIP's configuration file. */
  readonly config: string;
  /** Images of a step. */
  readonly batch: number;
  readonly threads: number;
}

const install = 'apt-get install python3-torch';
const batch = 32;

/**
 * A training step of the small CLIP's vision tower, forward, backward and AdamW: compiled for ONNX Runtime beside PyTorch, with
 * as many threads each, and beside TensorFlow.js on wasm.
 */
export async function benchCompiled(rounds: number): Promise<boolean> {
  const file = new URL('../../../examples/pretrain-clip/model/open_clip_config.json', import.meta.url);
  const config = readFileSync(file, 'utf8');
  const { vision, embeddingWidth } = parseClipConfig(config);
  const { width, layers, heads, patchSize, imageSize } = vision;
  const sizes = [width, layers, heads, patchSize, imageSize, embeddingWidth, batch].map(String);
  const name = `training step of ${layers} blocks of ${width}, ${batch} images of ${imageSize} pixels`;
  const start = (setting: Pick<TrainTowerSetting, 'engine' | 'threads'>) =>
    Peer.startOurs('train-tower.ts', [JSON.stringify({ ...setting, config, batch })]);
  const verdicts: boolean[] = [];
  for (const threads of [1, 2]) {
    const ours = await start({ engine: 'compiled', threads });
    const peer = await Peer.start('train_tower.py', [...sizes, String(threads)], { threads });
    const parts = { ours: () => ours.seconds(), megabytes: () => ours.megabytes() };
    verdicts.push(await compare({ name, ...parts, peer, install, atMost: 2 }, rounds));
    ours.stop();
  }
  const ours = await start({ engine: 'compiled', threads: 1 });
  const peer = await start({ engine: 'wasm', threads: 1 });
  verdicts.push(await compare({ name, ours: () => ours.seconds(), peer, install, atMost: 1 }, rounds));
  ours.stop();
  return verdicts.every(Boolean);
}
