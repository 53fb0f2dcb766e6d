import { ResNet, type ResNetConfig, type ResNetStage } from '@anomclip/core/resnet';
import * as tf from '@tensorflow/tfjs';
import { checkpointOf, type Golden, imagesOf, largestError } from '../golden.js';
import type { Compare } from '../parity.js';

/** torchvision's bottleneck stages. */
export async function checkResNet(golden: Golden, compare: Compare): Promise<void> {
  const blocks = JSON.parse(golden.setting('layers') ?? '[]') as ResNetConfig['blocks'];
  const wanted = golden.names.flatMap((name) => {
    const stage = name.match(/^output\.layer([1-4])$/)?.[1];
    return stage ? [Number(stage) as ResNetStage] : [];
  });
  const config = { blocks, width: Number(golden.setting('width_per_group')) };
  const lastStage = wanted.toSorted().at(-1);
  const network = await ResNet.load(checkpointOf(golden), config, { lastStage });
  const images = imagesOf(golden, 'input.image_nchw');
  const features = network.features(images, wanted);
  for (const [stage, actual] of features) {
    const expected = imagesOf(golden, `output.layer${stage}`);
    compare(`layer${stage}`, largestError(await actual.data(), await expected.data()), 1e-4);
    expected.dispose();
  }
  tf.dispose([images, ...features.values()]);
  network.dispose();
}
