import { ArgumentError } from '@anomclip/core';
import { integerFrom, oneOf } from '../config-checks.js';
import type { FsacConfig, FsacSynthesisConfig } from './config.js';
import { fsacPrompts } from './prompts.js';

const WHERE = 'FsacConfig';

/** @throws {@link ArgumentError} for a value that cannot work; values may come from a file and have any type. */
export function checkFsacConfig(config: FsacConfig): void {
  fsacPrompts(config.prompts);
  oneOf(WHERE, 'classNameFormat', config.classNameFormat, ['raw', 'spaces']);
  oneOf(WHERE, 'adText', config.adText, ['adapted', 'original']);
  oneOf(WHERE, 'contrastiveText', config.contrastiveText, ['adapted', 'enhanced']);
  oneOf(WHERE, 'ceMode', config.ceMode, ['prob-softmax', 'logits']);
  oneOf(WHERE, 'selection', config.selection, ['last', 'best-test']);
  flags(config, [
    'normalizePromptEmbeddings',
    'truncate',
    'useTF',
    'useVT',
    'useContrastive',
    'useCrossEntropy',
  ]);
  if (!config.useContrastive && !config.useCrossEntropy) {
    throw new ArgumentError(WHERE, 'useContrastive or useCrossEntropy', 'neither');
  }
  pair('alpha', config.alpha);
  pair('beta', config.beta);
  number('gamma1', config.gamma1, Number.isFinite);
  notNegative('gamma2', config.gamma2);
  positive('tau', config.tau);
  positive('contrastiveTemperature', config.contrastiveTemperature);
  notNegative('contrastiveScale', config.contrastiveScale);
  integerFrom(WHERE, 'epochs', config.epochs, 1);
  if (config.batchSize !== 'auto') integerFrom(WHERE, 'batchSize', config.batchSize, 1);
  integerFrom(WHERE, 'patience', config.patience, 1);
  number('seed', config.seed, Number.isFinite);
  checkSynthesis(config.synthesis);
  checkOptimizer(config.optimizer);
}

function checkSynthesis(synthesis: FsacSynthesisConfig): void {
  oneOf(WHERE, 'synthesis.method', synthesis.method, ['random-perturbation', 'nsa']);
  oneOf(WHERE, 'synthesis.noise', synthesis.noise, ['gaussian', 'uniform']);
  oneOf(WHERE, 'synthesis.foreground', synthesis.foreground, ['class', 'object', 'anywhere']);
  oneOf(WHERE, 'synthesis.nsaSource', synthesis.nsaSource, ['same', 'other']);
  flags(synthesis, ['square']);
  if (synthesis.nsa !== 'class' && (typeof synthesis.nsa !== 'object' || synthesis.nsa === null)) {
    throw new ArgumentError(WHERE, "synthesis.nsa to be 'class' or options of nsa", synthesis.nsa);
  }
  if (synthesis.synthPool !== null) integerFrom(WHERE, 'synthesis.synthPool', synthesis.synthPool, 1);
}

function checkOptimizer(optimizer: FsacConfig['optimizer']): void {
  oneOf(WHERE, 'optimizer.kind', optimizer.kind, ['adam', 'adamW', 'sgd']);
  positive('optimizer.lrImage', optimizer.lrImage);
  positive('optimizer.lrText', optimizer.lrText);
  positive('optimizer.epsilon', optimizer.epsilon);
  pair('optimizer.betas', optimizer.betas, (beta) => beta >= 0 && beta < 1);
  if (optimizer.weightDecay !== 'default') notNegative('optimizer.weightDecay', optimizer.weightDecay);
}

function flags<T extends object>(values: T, names: readonly (keyof T & string)[]): void {
  for (const name of names) {
    if (typeof values[name] !== 'boolean') {
      throw new ArgumentError(WHERE, `${name} to be true or false`, values[name]);
    }
  }
}

function pair(
  name: string,
  values: readonly number[],
  isAllowed: (value: number) => boolean = Number.isFinite,
) {
  if (!Array.isArray(values) || values.length !== 2) {
    throw new ArgumentError(WHERE, `${name} to be two numbers`, values);
  }
  for (const value of values) number(name, value, (each) => Number.isFinite(each) && isAllowed(each));
}

function positive(name: string, value: number): void {
  number(`${name} above 0,`, value, (each) => Number.isFinite(each) && each > 0);
}

function notNegative(name: string, value: number): void {
  number(`${name} of at least 0,`, value, (each) => Number.isFinite(each) && each >= 0);
}

function number(what: string, value: number, isAllowed: (value: number) => boolean): void {
  if (!isAllowed(value)) throw new ArgumentError(WHERE, `${what} a finite number in its range`, value);
}
