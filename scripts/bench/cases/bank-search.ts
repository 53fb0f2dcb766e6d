import { createRng } from '@anomclip/core/random';
import { compare, withFiles } from '../compare.js';
import { Peer } from '../peer.js';

/** What a process of `search-bank.ts` does whenever it is told to. */
export interface SearchSetting {
  readonly engine: 'native' | 'tfjs-wasm' | 'loops';
  /** Files of float32 rows. */
  readonly queries: string;
  readonly bank: string;
  readonly dimension: number;
  /** 0: as many as the engine chooses. */
  readonly threads: number;
}

const queryCount = 784;
const bankCount = 19_129;
const dimension = 1601;
const mostMegabytes = 2000;

/**
 * One scan of 784 patches against the bank that BTF's published settings leave of bagel, at the 1601 columns of FPFH with
 * deep features, against PyTorch's `cdist`; each engine in a process of its own, whose whole memory is held to its bar.
 */
export async function benchBankSearch(rounds: number): Promise<boolean> {
  const rng = createRng('bench/bank-search');
  const draw = (count: number) => Float32Array.from({ length: count * dimension }, () => rng.normal());
  const arrays = { queries: draw(queryCount), bank: draw(bankCount) };
  return withFiles(arrays, async (path) => {
    const pairs = [
      { engine: 'native', threads: 0, atMost: 1 },
      { engine: 'native', threads: 1, atMost: 1 },
      { engine: 'tfjs-wasm', threads: 0, atMost: 6 },
    ] as const;
    let allMet = true;
    for (const { engine, threads, atMost } of pairs) {
      const setting = { engine, threads, dimension, queries: path('queries'), bank: path('bank') };
      allMet = (await againstPyTorch(setting, atMost, rounds)) && allMet;
    }
    return allMet;
  });
}

async function againstPyTorch(setting: SearchSetting, atMost: number, rounds: number): Promise<boolean> {
  const { engine, threads, queries, bank } = setting;
  const ours = await Peer.startOurs('search-bank.ts', [JSON.stringify(setting)]);
  try {
    const args = [queries, bank, String(dimension), String(threads)];
    const name = `bank search, ${queryCount} × ${bankCount} × ${dimension}, ${engine}, ${threads ? 'one thread each' : 'threads as each chooses'}`;
    const fast = await compare(
      {
        name,
        ours: () => ours.seconds(),
        peer: await Peer.start('bank_search.py', args, threads ? { threads } : {}),
        install: 'apt-get install python3-torch',
        atMost,
        megabytes: () => ours.megabytes(),
      },
      rounds,
    );
    const small = (await ours.megabytes()) < mostMegabytes;
    console.log(`${name}: below ${mostMegabytes} MB: ${small ? 'met' : 'MISSED'}`);
    return fast && small;
  } finally {
    ours.stop();
  }
}
