import { ArgumentError } from '@anomclip/core';
import { expect, test } from 'vitest';
import { loadSamples } from './load-samples.js';
import { listedSample } from './testing/sample-list.js';

const pause = () => new Promise((resolve) => setImmediate(resolve));

/** Samples that take a moment, and how many of them were loading or waiting at most. */
function slowSamples(count: number) {
  const state = { open: 0, most: 0, started: 0 };
  const samples = Array.from({ length: count }, (_, i) =>
    listedSample(`a/test/good/${i}`, async () => {
      state.started++;
      state.open++;
      state.most = Math.max(state.most, state.open);
      for (let turn = 0; turn < (i % 3) + 1; turn++) await pause(); // later ones may be ready sooner
      return { warnings: [String(i)] };
    }),
  );
  return { samples, state };
}

test('samples come in order while at most the wanted number is ahead', async () => {
  const { samples, state } = slowSamples(10);
  const seen: string[] = [];
  for await (const { sample, data } of loadSamples(samples, { concurrency: 3 })) {
    state.open--;
    expect(data.warnings[0]).toBe(sample.id.split('/')[3]);
    seen.push(data.warnings[0]);
    await pause();
  }
  expect(seen).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
  expect(state.most).toBe(3);
});

test('who stops early stops the reading', async () => {
  const { samples, state } = slowSamples(10);
  for await (const _ of loadSamples(samples, { concurrency: 2 })) break;
  for (let turn = 0; turn < 10; turn++) await pause();
  expect(state.started).toBeLessThanOrEqual(3);
});

test('an error comes when the turn of its sample comes, after the sound ones', async () => {
  const broken = listedSample('a/test/good/1', () => Promise.reject(new Error('broken')));
  const seen: string[] = [];
  const loading = (async () => {
    for await (const { sample } of loadSamples([listedSample('a/test/good/0'), broken])) seen.push(sample.id);
  })();
  await expect(loading).rejects.toThrow('broken');
  expect(seen).toEqual(['a/test/good/0']);
});

test('an aborted signal throws its reason and reaches the samples; progress counts what was taken', async () => {
  const controller = new AbortController();
  const signals: unknown[] = [];
  const samples = [0, 1, 2, 3].map((i) =>
    listedSample(`a/test/good/${i}`, async (options) => {
      signals.push(options?.signal);
      return { warnings: [] };
    }),
  );
  const steps: string[] = [];
  const loading = (async () => {
    for await (const { sample } of loadSamples(samples, {
      signal: controller.signal,
      onProgress: ({ done, total }) => steps.push(`${done}/${total}`),
    })) {
      if (sample.id.endsWith('1')) controller.abort(new Error('enough'));
    }
  })();
  await expect(loading).rejects.toThrow('enough');
  expect(steps).toEqual(['1/4', '2/4']);
  expect(new Set(signals)).toEqual(new Set([controller.signal]));
});

test('a concurrency below 1 is refused, and no samples are no steps', async () => {
  await expect(loadSamples([], { concurrency: 0 }).next()).rejects.toThrow(ArgumentError);
  expect(await loadSamples([]).next()).toEqual({ done: true, value: undefined });
});
