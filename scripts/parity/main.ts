import { existsSync } from 'node:fs';
import type { BackendName } from '@anomclip/core/backend';
import { Command, Option } from 'commander';
import { startBackend } from './backend.js';
import { compareBackends, renderComparison } from './compare-backends.js';
import { type CheckResult, runParity } from './parity.js';

const command = new Command('parity')
  .description(
    'Runs the library on golden results of the official implementations and prints how far it is off.',
  )
  .argument('<folder>', 'folder of golden files')
  .addOption(
    new Option('--backend <name>', 'what tensors are computed on')
      .choices(['cpu', 'wasm', 'webgpu'])
      .default('cpu'),
  )
  .option('--compare-backends', 'print how far every layer differs between cpu, wasm and webgpu instead')
  .option('--allow-missing', 'do not fail because of golden files whose part is not built yet')
  .parse();
const folder = command.args[0];
const { allowMissing, backend, ...options } = command.opts<{
  allowMissing?: boolean;
  backend: BackendName;
  compareBackends?: boolean;
}>();
if (!existsSync(folder))
  command.error(`error: there is no folder ${folder}; give the folder of the golden files`);

if (options.compareBackends) console.log(renderComparison(await compareBackends(folder)));
else await check();

async function check(): Promise<void> {
  await startBackend(backend);
  const { checks, notBuilt } = await runParity(folder, (result) => console.log(line(result)));
  for (const file of notBuilt) console.log(`${file.padEnd(32)} not built`);
  const failed = checks.filter(({ passed }) => !passed).length;
  console.log(
    `${checks.length - failed} inside their tolerance, ${failed} outside, ${notBuilt.length} files not built`,
  );
  if (failed > 0 || (notBuilt.length > 0 && !allowMissing)) process.exitCode = 1;
}

function line({ file, name, error, tolerance, passed }: CheckResult): string {
  const figures = `error ${error.toExponential(2)}  tolerance ${tolerance.toExponential(1)}`;
  return `${file.padEnd(32)} ${name.padEnd(44)} ${figures}  ${passed ? 'pass' : 'FAIL'}`;
}
