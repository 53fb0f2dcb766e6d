import { basename } from 'node:path';
import { compiledGradients } from '@anomclip/core/compiled';
import type { OnnxRuntime } from '@anomclip/core/encoder';
import { openFile } from '@anomclip/core/node';
import { ResNet, type ResNetConfig, resNet50, wideResNet50 } from '@anomclip/core/resnet';
import { openCheckpoint } from '@anomclip/core/weights';
import { onnxProduct, tfjsProduct } from '@anomclip/methods/matrix-products';
import { onnxRuntime, useBackend } from '../../shared/engines.js';
import type { Cell } from '../driver/cell.js';
import { openData } from '../driver/open-data.js';
import { readPaper } from '../driver/paper.js';
import type { Reproduction } from '../driver/reproduction.js';
import type { CellContext } from '../driver/run-cells.js';
import { donationsOf } from './donations.js';
import { meansByTrainingClass } from './means.js';
import { command, type ThreeDzalOptions } from './options.js';
import { planCells, type ThreeDzalSettings } from './plan.js';
import { createRunCell, type ThreeDzalStudy } from './run-cell.js';

/** 3DzAL: learn from the normal scans of one class, find anomalies on others, beside BTF. */
export const threeDzal: Reproduction<ThreeDzalOptions> = {
  name: '3dzal',
  command,
  async open(options, { progress, signal }) {
    const dataset = await openData(options, progress, { signal });
    const networks: ResNet[] = [];
    const openStudy = async (): Promise<ThreeDzalStudy> => {
      await useBackend(options.backend);
      const load = async (path: string | undefined, config: ResNetConfig) => {
        const network = path === undefined ? undefined : await openResNet(path, config);
        if (network) networks.push(network);
        return network;
      };
      const colourNetwork = await load(options.colours, wideResNet50);
      return {
        dataset,
        donationsOf: donationsOf(dataset, await load(options.attention, resNet50)),
        ...(options.native ? await nativeEngines() : { product: tfjsProduct() }),
        ...(colourNetwork && { colourNetwork }),
      };
    };
    let study: Promise<ThreeDzalStudy> | undefined;
    return {
      cells: planCells(options, dataset),
      async runCell(cell: Cell, context: CellContext) {
        study ??= openStudy();
        return createRunCell(await study)(cell as Cell<ThreeDzalSettings>, context);
      },
      report: async (finished) => ({
        title: `3DzAL on ${options.data ?? 'the offline benchmark'}`,
        notes: notesOf(options),
        paper: await readPaper('3dzal'),
        metrics: ['AUPRO', 'I-AUROC', 'P-AUROC'],
        derived: meansByTrainingClass(finished),
        runOf: ({ seed }) => String(seed),
        settings: [
          ['data', dataset.root],
          ['donors', options.irrelevantSet],
          ['evaluation', '224 × 224 on the padded scan; AUPRO up to 0.3 at 100 ranks of the normal scores'],
        ],
      }),
      async dispose() {
        for (const network of networks) network.dispose();
      },
    };
  },
};

async function nativeEngines(): Promise<Pick<ThreeDzalStudy, 'product' | 'gradients'>> {
  const ort = (await onnxRuntime()) as OnnxRuntime;
  return { product: onnxProduct(ort), gradients: compiledGradients(ort) };
}

/** The first three stages of a network under torchvision's names, from one file. */
async function openResNet(path: string, config: ResNetConfig): Promise<ResNet> {
  const checkpoint = await openCheckpoint({ names: [basename(path)], open: () => openFile(path) });
  try {
    return await ResNet.load(checkpoint, config, { lastStage: 3 });
  } finally {
    await checkpoint.close();
  }
}

function notesOf({ colours, data, irrelevantSet, testsetMinmax }: ThreeDzalOptions): string[] {
  const notes: string[] = [];
  if (colours === undefined) {
    notes.push(
      'Without colour features (--colours): FPFH alone in BTF, FPFH and the learned features in 3DzAL.',
    );
  }
  if (irrelevantSet === 'all-but-train') {
    notes.push('Normal scans of the test class donated pseudo anomalies: not the protocol of the paper.');
  }
  if (testsetMinmax) notes.push('Both scores are scaled by the whole test set: transductive.');
  if (data === undefined) notes.push('The offline benchmark is made of procedural parts.');
  return notes;
}
