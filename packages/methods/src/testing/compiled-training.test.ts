import type { Clip } from '@anomclip/core/clip';
import { compiledGradients } from '@anomclip/core/compiled';
import { createImage, type Image } from '@anomclip/core/image';
import { createRng } from '@anomclip/core/random';
import type { GradientSource, LossHistory } from '@anomclip/core/training';
import * as ort from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBackend } from '../../../core/src/testing/backends.fixture.js';
import { fitAnomalyClip } from '../anomaly-clip/index.js';
import { fitFsac } from '../clip-fsac-pp/index.js';
import { type Clip3dConfig, fitClip3d } from '../clip3d-ad/index.js';
import { domeScan, tinyOptions } from '../clip3d-ad/small-scans.fixture.js';
import { fitPointad } from '../pointad/index.js';
import { tinyClip, tinyConfig, tinySamples } from '../pointad/tiny.fixture.js';

let clip: Clip;
beforeAll(async () => {
  await startBackend('wasm');
  clip = await tinyClip();
});
afterAll(() => clip?.dispose());

interface Fitted {
  readonly history: LossHistory;
  dispose(): void;
}
type Options = { readonly gradients?: GradientSource };

const prompts = {
  templates: ['a {}'],
  states: { normal: ['flawless {}'], anomalous: ['damaged {}'] },
};
const clip3d = (localFuse: Clip3dConfig['localFuse']) => (options: Options) =>
  fitClip3d(clip, [domeScan('a'), domeScan('b')], { ...tinyOptions, localFuse, epochs: 3 }, options);

/** Trainings of several steps, in which labels and pictures change from step to step. */
const fits: [string, (options: Options) => Promise<Fitted>][] = [
  ['PointAD', (options) => fitPointad(clip, tinySamples(), tinyConfig, options)],
  [
    'AnomalyCLIP',
    (options) =>
      fitAnomalyClip(clip, pictures(), { ...tinyConfig, featureLayers: [2, 3], vvFirstBlock: 2 }, options),
  ],
  [
    'CLIP-FSAC++',
    (options) =>
      fitFsac(
        clip,
        pictures().map(({ image }) => image),
        { prompts, epochs: 3 },
        options,
      ),
  ],
  ['CLIP3D-AD, joint', clip3d('joint')],
  ['CLIP3D-AD, per view', clip3d('per-view')],
];

test.each(fits)('compiled, %s has the losses that it has on wasm', async (_, fit) => {
  let compilations = 0;
  const counting = {
    ...ort,
    InferenceSession: {
      create(...given: Parameters<typeof ort.InferenceSession.create>) {
        compilations++;
        return ort.InferenceSession.create(...given);
      },
    },
  };
  const runtime = counting as unknown as Parameters<typeof compiledGradients>[0];
  const [plain, compiled] = [await fit({}), await fit({ gradients: compiledGradients(runtime) })];
  expect([...compiled.history.keys()]).toEqual([...plain.history.keys()]);
  for (const [name, losses] of plain.history) {
    expect(losses.length).toBeGreaterThanOrEqual(3);
    for (const [step, loss] of losses.entries()) {
      const actual = compiled.history.get(name)?.[step] ?? Number.NaN;
      expect(Math.abs(actual - loss), `${name}, step ${step}`).toBeLessThan(
        1e-4 * Math.max(1, Math.abs(loss)),
      );
    }
  }
  expect(compilations).toBeLessThanOrEqual(2); // the last batch of an epoch may be smaller
  plain.dispose();
  compiled.dispose();
});

function pictures(): { image: Image; label: 0 }[] {
  return ['a', 'b', 'c'].map((name) => {
    const rng = createRng(name);
    const image = createImage(16, 16);
    for (let i = 0; i < image.data.length; i++) image.data[i] = rng.integer(0, 256);
    return { image, label: 0 };
  });
}
