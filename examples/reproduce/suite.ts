import { Command, Option } from 'commander';
import { parseCount } from '../shared/parse-options.js';
import { createProgress } from '../shared/progress.js';
import { reportError } from '../shared/report-error.js';
import { commandLine } from './driver/options.js';
import type { StudyContext } from './driver/reproduction.js';
import { abortOnInterrupt } from './driver/run-cells.js';
import { defaultWorkers } from './suite/worker-pool.js';

/** Grids of reproductions: on this machine, or on several by way of Redis. Each command loads what it needs. */
function program(context: StudyContext): Command {
  const suite = new Command('suite')
    .description('Runs grids of method × class × shots × seed × options of the scripts beside it.')
    .allowExcessArguments(false)
    .showHelpAfterError('(--help lists the options)');
  const gridCommands = () => import('./suite/grid-commands.js');
  gridCommand(suite, 'run', 'on this machine, and report', { isDefault: true })
    .option('--workers <n>', 'processes', parseCount, defaultWorkers())
    .option('--fresh', 'forget earlier results instead of going on', false)
    .option('--dry-run', 'list the cells and how long they will take, and run none', false)
    .action(async (name, options) => (await gridCommands()).run(name, options, context));
  queueCommand(gridCommand(suite, 'submit', 'hand the open cells to workers')).action(async (name, options) =>
    (await gridCommands()).submit(name, options, context),
  );
  queueCommand(suite.command('work').description('run cells that were submitted, until Ctrl-C'))
    .option('--workers <n>', 'cells at the same time', parseCount, defaultWorkers())
    .option('--output <folder>', 'where features, views and the like are kept', 'output/reproduce/work')
    .option('--lease <seconds>', 'silence after which others take over', parseCount, 30)
    .action(async (options) => (await import('./suite/work.js')).work(options, context));
  queueCommand(gridCommand(suite, 'collect', 'submit what is open, wait for the workers, and report'))
    .option('--fresh', 'forget earlier results instead of going on', false)
    .action(async (name, options) => (await gridCommands()).collect(name, options, context));
  queueCommand(gridCommand(suite, 'status', 'what is done, at work, and waiting')).action(
    async (name, options) => (await gridCommands()).status(name, options, context),
  );
  return suite;
}

function gridCommand(suite: Command, name: string, description: string, options = {}): Command {
  return suite
    .command(name, options)
    .description(description)
    .argument('<grid>', 'a name in grids/, or a JSON file')
    .option('--output <folder>', 'where results and report are written (output/reproduce/suite-<grid>)')
    .option('--data <folder>', 'in the place of what the grid says; so are all below')
    .option('--clip <folder or owner/name>', 'see the scripts')
    .option('--classes <a,b>', 'see the scripts')
    .option('--seeds <n,m>', 'see the scripts')
    .option('--backend <name>', 'see the scripts')
    .option('--native', 'see the scripts');
}

function queueCommand(command: Command): Command {
  return command
    .addOption(
      new Option('--redis <url>', 'of a server that all machines reach').default('redis://127.0.0.1:6379'),
    )
    .option('--queue <name>', 'its name there', 'anomclip');
}

const context: StudyContext = { progress: createProgress(), signal: abortOnInterrupt() };
await program(context).parseAsync(commandLine(), { from: 'user' }).catch(reportError);
