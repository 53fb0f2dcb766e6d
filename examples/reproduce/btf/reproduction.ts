import { openData } from '../driver/open-data.js';
import type { Reproduction } from '../driver/reproduction.js';
import { type BtfOptions, command } from './options.js';
import { planCells } from './plan.js';
import { createRunCell } from './run-cell.js';

/** BTF (CVPR 2023 workshops): how far do FPFH features of normal scans alone go? */
export const btf: Reproduction<BtfOptions> = {
  name: 'btf',
  command,
  async open(options, { progress, signal }) {
    const dataset = await openData(options, progress, { signal });
    return {
      cells: planCells(options, dataset),
      runCell: createRunCell(dataset),
      report: async () => ({
        title: `BTF (FPFH) on ${options.data ?? 'the offline benchmark'}`,
        metrics: ['I-AUROC', 'P-AUROC', 'AUPRO'],
        settings: [
          ['data', dataset.root],
          ['evaluation', 'the padded grid; AUPRO up to 0.3 at 100 ranks of the normal scores'],
        ],
      }),
      dispose: async () => {},
    };
  },
};
