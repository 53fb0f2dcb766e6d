/** One radius of a set abstraction level. */
export interface PointNetScale {
  readonly radius: number;
  /** K, points per group. */
  readonly groupSize: number;
  /** Widths of the shared MLP's layers. */
  readonly widths: readonly number[];
}

/** Set abstraction: centres by farthest point sampling, around each one group per scale. */
export interface PointNetLevel {
  readonly centres: number;
  readonly scales: readonly PointNetScale[];
}

/** A PointNet++ that gives one vector per cloud (Qi et al. 2017, arXiv:1706.02413). */
export interface PointNetConfig {
  readonly levels: readonly PointNetLevel[];
  /** Widths of the shared MLP over all centres of the last level, their coordinates in front of their features. */
  readonly globalWidths: readonly number[];
  /** Widths of the head's hidden layers. */
  readonly headWidths: readonly number[];
  /** Whether the head's hidden layers have batch norm. */
  readonly headNorm: boolean;
  /** Share of the last hidden layer's units that a training step leaves out. */
  readonly dropout: number;
  /** Length of the result. */
  readonly outputs: number;
}

type Preset = Omit<PointNetConfig, 'outputs' | 'dropout'>;

/** Multi-scale grouping for patches of 64 points in the unit sphere (3DzAL specification, section 7.2). */
export const pointNetMsg: Preset = {
  levels: [
    {
      centres: 32,
      scales: [
        { radius: 0.25, groupSize: 8, widths: [32, 32, 64] },
        { radius: 0.5, groupSize: 16, widths: [64, 64, 128] },
        { radius: 1, groupSize: 32, widths: [64, 96, 128] },
      ],
    },
    {
      centres: 8,
      scales: [
        { radius: 0.5, groupSize: 8, widths: [64, 64, 128] },
        { radius: 1, groupSize: 16, widths: [128, 128, 256] },
        { radius: 2, groupSize: 32, widths: [128, 128, 256] },
      ],
    },
  ],
  globalWidths: [256, 512, 1024],
  headWidths: [512, 256],
  headNorm: true,
};

/** Single-scale grouping for the same patches. */
export const pointNetSsg: Preset = {
  levels: [
    { centres: 32, scales: [{ radius: 0.5, groupSize: 16, widths: [64, 64, 128] }] },
    { centres: 8, scales: [{ radius: 1, groupSize: 16, widths: [128, 128, 256] }] },
  ],
  globalWidths: [256, 512, 1024],
  headWidths: [512, 256],
  headNorm: true,
};

/** A small one for tests. */
export const pointNetTiny: Preset = {
  levels: [{ centres: 32, scales: [{ radius: 0.6, groupSize: 16, widths: [32, 32, 64] }] }],
  globalWidths: [64, 128, 256],
  headWidths: [64],
  headNorm: false,
};
