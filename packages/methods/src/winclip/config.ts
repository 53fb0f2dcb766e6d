import { ArgumentError } from '@anomclip/core';
import { type PromptEnsemble, promptStates, promptTemplates } from '@anomclip/core/clip';
import { integerFrom, merge, oneOf } from '../config-checks.js';

/** Everything that decides what WinCLIP says about an image. */
export interface WinclipConfig {
  /** @defaultValue the compositional ensemble: 147 normal and 84 anomalous prompts */
  readonly prompts: PromptEnsemble;
  /** Whether prompt embeddings have unit length before the mean. @defaultValue false */
  readonly unitLength: boolean;
  /** Whether prompts that are too long for the model are cut. @defaultValue false: they are an error */
  readonly truncate: boolean;
  /** The class name as given, or with spaces for its underscores. @defaultValue 'raw' */
  readonly classNameFormat: 'raw' | 'spaces';
  /** Sides of the windows in patches; none for the image's own score alone. @defaultValue [2, 3] */
  readonly scales: readonly number[];
  /** Whether patches are compared with those of the references too; few-shot only. @defaultValue true */
  readonly usePatchScale: boolean;
  /** Divides the cosines before the softmax, > 0. @defaultValue 0.07 */
  readonly temperature: number;
  /** How language and references make the few-shot map: Z + A, or half of it; both rank alike. @defaultValue 'sum' */
  readonly mapCombine: 'sum' | 'mean';
}

const reference: WinclipConfig = {
  prompts: { templates: promptTemplates.reference21, states: promptStates },
  unitLength: false,
  truncate: false,
  classNameFormat: 'raw',
  scales: [2, 3],
  usePatchScale: true,
  temperature: 0.07,
  mapCombine: 'sum',
};

/**
 * `reference` computes what the widely used re-implementation does; `paired` differs as others do: 22 templates, prompt
 * embeddings of unit length, names in plain words, the mean of both maps.
 */
export const winclipPresets: Readonly<Record<'reference' | 'paired', WinclipConfig>> = {
  reference,
  paired: {
    ...reference,
    prompts: { templates: promptTemplates.paired22, states: promptStates },
    unitLength: true,
    classNameFormat: 'spaces',
    mapCombine: 'mean',
  },
};

/** The whole configuration, checked; the encoder checks that windows fit into its images. */
export function winclipConfig(given: Partial<WinclipConfig>): WinclipConfig {
  const config = merge(WHERE, reference, given);
  oneOf(WHERE, 'classNameFormat', config.classNameFormat, ['raw', 'spaces']);
  oneOf(WHERE, 'mapCombine', config.mapCombine, ['sum', 'mean']);
  for (const scale of config.scales) integerFrom(WHERE, 'scales', scale, 1);
  if (new Set(config.scales).size < config.scales.length) {
    throw new ArgumentError(WHERE, 'each of the scales once', config.scales);
  }
  if (!(config.temperature > 0 && Number.isFinite(config.temperature))) {
    throw new ArgumentError(WHERE, 'temperature above 0', config.temperature);
  }
  return config;
}

const WHERE = 'WinclipConfig';
