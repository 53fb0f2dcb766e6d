import { BackendError, type BackendName } from '@anomclip/core/backend';
import { startBackend } from './backend.js';
import { largestError } from './golden.js';
import { runLayers } from './layers.js';

/** One layer on all backends. */
export interface LayerComparison {
  readonly layer: string;
  /** Largest absolute value on cpu, to read the differences by. */
  readonly largest: number;
  /** Largest absolute difference of each pair; undefined where a backend has no adapter here. */
  readonly differences: Readonly<Record<Pair, number | undefined>>;
}

const pairs = ['wasm − cpu', 'webgpu − cpu', 'webgpu − wasm'] as const;
type Pair = (typeof pairs)[number];

/** Runs every layer of `@anomclip/core/tensor` and of both towers on all three backends. */
export async function compareBackends(folder: string): Promise<LayerComparison[]> {
  const outputs = new Map<string, Map<string, Float32Array>>();
  for (const backend of ['cpu', 'wasm', 'webgpu'] as const satisfies readonly BackendName[]) {
    try {
      await startBackend(backend);
    } catch (error) {
      if (error instanceof BackendError) continue;
      throw error;
    }
    outputs.set(backend, await runLayers(folder));
  }
  return [...(outputs.get('cpu') ?? [])].map(([layer, onCpu]) => {
    const difference = (pair: Pair) => {
      const [a, b] = pair.split(' − ').map((backend) => outputs.get(backend)?.get(layer));
      return a && b ? largestError(a, b) : undefined;
    };
    return {
      layer,
      largest: onCpu.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0),
      differences: {
        'wasm − cpu': difference('wasm − cpu'),
        'webgpu − cpu': difference('webgpu − cpu'),
        'webgpu − wasm': difference('webgpu − wasm'),
      },
    };
  });
}

/** The comparison as a table of text, with the largest difference of each column below. */
export function renderComparison(layers: readonly LayerComparison[]): string {
  const cell = (value: number | undefined) =>
    (value === undefined ? '–' : value.toExponential(1)).padStart(14);
  const width = Math.max(...layers.map(({ layer }) => layer.length), 'largest difference'.length);
  const row = (name: string, cells: readonly string[]) => `${name.padEnd(width)}${cells.join('')}`;
  const lines = layers.map(({ layer, largest, differences }) =>
    row(layer, [cell(largest), ...pairs.map((pair) => cell(differences[pair]))]),
  );
  const worst = pairs.map((pair) => {
    const own = layers.flatMap(({ differences }) => differences[pair] ?? []);
    return own.length === 0 ? undefined : Math.max(...own);
  });
  const header = row(
    'layer',
    ['largest value', ...pairs].map((title) => title.padStart(14)),
  );
  const rule = '─'.repeat(header.length);
  const last = row('largest difference', [''.padStart(14), ...worst.map(cell)]);
  return [header, rule, ...lines, rule, last].join('\n');
}
