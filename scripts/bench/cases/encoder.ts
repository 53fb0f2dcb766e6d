import { type ClipConfig, clipConfig } from '@anomclip/core/clip';
import { compare } from '../compare.js';
import { Peer } from '../peer.js';

/** What a process of `encode-images.ts` does whenever it is told to. */
export interface EncodeSetting {
  readonly engine: 'native' | 'native-int8' | 'web' | 'tfjs-wasm';
  readonly model: string;
  /** Blocks whose projected patch tokens are wanted. */
  readonly layers: readonly number[];
  readonly valueAttentionFrom?: number;
  readonly images: number;
  /** Whether the images are one batch, else as many calls. */
  readonly oneBatch: boolean;
  /** 0: as many as the engine chooses; for the web runtime one. */
  readonly threads: number;
}

const models = [
  { name: 'ViT-B-16-plus-240', layers: [3, 6, 9, 12], valueAttentionFrom: 3, mostRounds: 9, nineViews: true },
  { name: 'ViT-L-14-336', layers: [6, 12, 18, 24], valueAttentionFrom: 6, mostRounds: 2, nineViews: false },
];

/**
 * The image encoder at full size with random weights, every engine in a process of its own: against PyTorch, with the
 * value-value path against without, nine views as one batch against nine calls; and the slower engines beside it.
 */
export async function benchEncoder(rounds: number): Promise<boolean> {
  const verdicts: boolean[] = [];
  for (const { name, layers, valueAttentionFrom, mostRounds, nineViews } of models) {
    const plain: EncodeSetting = {
      engine: 'native',
      model: name,
      layers,
      images: 1,
      oneBatch: false,
      threads: 0,
    };
    const pairs = Math.min(rounds, mostRounds);
    verdicts.push(
      await againstPyTorch(plain, pairs),
      await againstPyTorch({ ...plain, threads: 1 }, pairs),
      await pair(
        `${name}, value-value path against plain`,
        { ...plain, valueAttentionFrom },
        plain,
        1.15,
        pairs,
      ),
      await pair(`${name}, int8 against float32`, { ...plain, engine: 'native-int8' }, plain, 1, pairs),
    );
    if (nineViews) {
      const met = await pair(
        `${name}, nine views as one batch against nine calls`,
        { ...plain, images: 9, oneBatch: true },
        { ...plain, images: 9 },
        1.05, // the two do the same work: beyond equal only by noise
        Math.ceil(pairs / 2),
      );
      verdicts.push(met);
    }
    for (const engine of ['web', 'tfjs-wasm'] as const) await alone({ ...plain, engine });
  }
  return verdicts.every((met) => met);
}

async function againstPyTorch(setting: EncodeSetting, rounds: number): Promise<boolean> {
  const { model, threads, layers } = setting;
  const python = await Peer.start(
    'vision_tower.py',
    pythonArguments(clipConfig(model), layers, threads),
    threads ? { threads } : {},
  );
  const title = `${model}, native against PyTorch, ${threads ? `${threads} thread each` : 'threads as each chooses'}`;
  return measure(title, setting, python, 1, rounds);
}

async function pair(
  title: string,
  setting: EncodeSetting,
  other: EncodeSetting,
  atMost: number,
  rounds: number,
): Promise<boolean> {
  return measure(title, setting, await start(other), atMost, rounds);
}

async function measure(
  name: string,
  setting: EncodeSetting,
  peer: Peer | undefined,
  atMost: number,
  rounds: number,
): Promise<boolean> {
  const ours = await start(setting);
  try {
    const install = 'apt-get install python3-torch';
    return await compare(
      { name, ours: () => ours.seconds(), peer, install, atMost, megabytes: () => ours.megabytes() },
      rounds,
    );
  } finally {
    ours.stop();
  }
}

/** An engine that is too slow for pairs: the second of two encodings. */
async function alone(setting: EncodeSetting): Promise<void> {
  const process = await start(setting);
  try {
    await process.seconds();
    const seconds = await process.seconds();
    const megabytes = await process.megabytes();
    console.log(
      `${setting.model}, ${process.description} ${seconds.toFixed(2)} s per image, peak ${megabytes.toFixed(0)} MB`,
    );
  } finally {
    process.stop();
  }
}

function start(setting: EncodeSetting): Promise<Peer> {
  return Peer.startOurs('encode-images.ts', [JSON.stringify(setting)]);
}

function pythonArguments(
  { vision, embeddingWidth }: ClipConfig,
  layers: readonly number[],
  threads: number,
): string[] {
  const { width, layers: depth, heads, patchSize, imageSize } = vision;
  const sizes = [width, depth, heads, patchSize, imageSize, embeddingWidth];
  return [...sizes.map(String), layers.join(), String(threads)];
}
