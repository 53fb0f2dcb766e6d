import { Command } from 'commander';
import { benchBackProjection } from './cases/back-projection.js';
import { benchBankSearch } from './cases/bank-search.js';
import { benchFsac } from './cases/clip-fsac-pp.js';
import { benchClip3d } from './cases/clip3d-ad.js';
import { benchCompiled } from './cases/compiled.js';
import { benchDatasets } from './cases/datasets.js';
import { benchEncoder } from './cases/encoder.js';
import { benchFarthestPoints } from './cases/farthest-points.js';
import { benchFpfh } from './cases/fpfh.js';
import { benchKCentre } from './cases/k-centre.js';
import { benchLoad } from './cases/load.js';
import { benchMemory } from './cases/memory.js';
import { benchMetrics } from './cases/metrics.js';
import { benchPointad } from './cases/pointad.js';
import { benchRender } from './cases/render.js';
import { benchSynth } from './cases/synth.js';
import { benchThreeDzal } from './cases/three-dzal.js';
import { benchWasmMatMul } from './cases/wasm-matmul.js';

/** A case prints its figures and says whether all its bars are met. */
export type BenchCase = (rounds: number) => Promise<boolean>;

const cases: Readonly<Record<string, BenchCase>> = {
  metrics: benchMetrics,
  fpfh: benchFpfh,
  'farthest-points': benchFarthestPoints,
  'back-projection': benchBackProjection,
  'k-centre': benchKCentre,
  'bank-search': benchBankSearch,
  render: benchRender,
  memory: benchMemory,
  load: benchLoad,
  datasets: benchDatasets,
  synth: benchSynth,
  encoder: benchEncoder,
  pointad: benchPointad,
  'wasm-matmul': benchWasmMatMul,
  'three-dzal': benchThreeDzal,
  compiled: benchCompiled,
  'clip3d-ad': benchClip3d,
  'clip-fsac-pp': benchFsac,
};

const command = new Command('bench')
  .description('Times the library beside what a user would run instead, in one run, and prints the ratios.')
  .argument('[cases...]', `which of ${Object.keys(cases).join(', ')}; all without a name`)
  .option('--rounds <n>', 'pairs of runs per comparison', '5')
  .parse();
const rounds = Number(command.opts<{ rounds: string }>().rounds);
if (!Number.isInteger(rounds) || rounds < 1) command.error('error: --rounds takes a whole number from 1');

let allMet = true;
for (const name of command.args.length > 0 ? command.args : Object.keys(cases)) {
  const run = cases[name];
  if (!run) command.error(`error: no case is called ${name}; there are ${Object.keys(cases).join(', ')}`);
  allMet = (await run(rounds)) && allMet;
}
if (!allMet) process.exitCode = 1;
