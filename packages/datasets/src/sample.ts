import type { LongWorkOptions, OrganisedCloud, PointCloud } from '@anomclip/core';
import type { Image, Mask } from '@anomclip/core/image';

/** `train` and `validation` hold normal samples only; what is scored lies in `test`. */
export type Split = 'train' | 'validation' | 'test';

/** The order in which samples are listed. */
export const splits: readonly Split[] = ['train', 'validation', 'test'];

/**
 * One scan or picture of a benchmark: what is known from its name, and `load()` for the rest. A list of samples holds
 * no pixels, so thousands of them fit in memory; load one, use it, drop it.
 */
export interface Sample {
  /** `class/split/type/stem`, e.g. `bagel/test/crack/003`: the same on every machine; keys of caches and random forks. */
  readonly id: string;
  /** The dataset's short name, e.g. `mvtec3d`. */
  readonly dataset: string;
  /** As the folder spells it. */
  readonly className: string;
  readonly split: Split;
  /** `good` for normal samples, else the dataset's name of the defect. */
  readonly defectType: string;
  /** 0 normal, 1 anomalous; from the folder or file name, never from the mask. */
  readonly label: 0 | 1;
  /** Metres per unit of the coordinates: 1 for metres, 0.001 for millimetres; absent when they have no physical unit. */
  readonly unitScale?: number;
  /**
   * Reads and decodes the sample's files. The caller owns the result.
   *
   * @throws `DatasetError` when a file is missing, cannot be decoded, or disagrees in size with the others.
   */
  load(): Promise<SampleData>;
}

/** What a sample holds; which fields are there depends on the dataset. Everything of one sample has the same H and W. */
export interface SampleData {
  /** [H, W, 3]. Grey is replicated, alpha dropped. */
  readonly image?: Image;
  /** [H, W, 3], pixel-registered with `image`. */
  readonly organised?: OrganisedCloud;
  /** [N, 3], for scans without a grid. */
  readonly cloud?: PointCloud;
  /** [H, W]; all zero for normal samples, whatever their mask file holds. */
  readonly mask?: Mask;
  /** [N], 0 normal, 1 anomalous, in the order of `cloud`. */
  readonly pointLabels?: Uint8Array;
  readonly camera?: Camera;
  /** Oddities that do not keep the sample from being used, e.g. an anomalous sample whose mask is empty. */
  readonly warnings: readonly string[];
}

/** Pinhole camera that took `image`; pixel (0, 0) is the top left one. */
export interface Camera {
  /** Focal lengths in pixels. */
  readonly fx: number;
  readonly fy: number;
  /** Principal point in pixels. */
  readonly cx: number;
  readonly cy: number;
  /** Size in pixels of the raster that these numbers belong to; differs from `image` when the copy was padded. */
  readonly width: number;
  readonly height: number;
  /**
   * Division model: undistorted = distorted / (1 + kappa r²), both relative to the principal point in metres on the
   * sensor, r the distorted radius. Absent when the lens does not distort.
   */
  readonly distortion?: { readonly kappa: number; readonly pixelWidth: number; readonly pixelHeight: number };
}

/** Which samples are wanted; what is left out is not filtered. */
export interface SampleFilter {
  readonly className?: string;
  readonly split?: Split;
  readonly defectType?: string;
  readonly label?: 0 | 1;
}

/** A sample that cannot be used because one of its files does not exist. */
export interface SkippedSample {
  readonly id: string;
  /** The modalities without a file for this stem, e.g. `xyz`. */
  readonly missing: readonly string[];
}

/** A benchmark folder, listed but not read. */
export interface Dataset {
  /** Short name, equal to `Sample.dataset`. */
  readonly name: string;
  /** Absolute path, links resolved. */
  readonly root: string;
  /** As the folders spell them, in the order of the samples. */
  readonly classes: readonly string[];
  readonly skipped: readonly SkippedSample[];
  /**
   * By class, split, defect type (`good` first, then by name) and stem.
   *
   * @throws `DatasetError` for a class that the dataset does not have. Other filters may match nothing.
   */
  samples(filter?: SampleFilter): readonly Sample[];
  /** What was found, for people, with the dataset's licence. */
  describe(): string;
  /**
   * Reads every file, compares the counts with the published ones, and lists all that is wrong. Never throws because
   * of the data; an aborted `signal` throws its reason.
   */
  verify(options?: LongWorkOptions): Promise<VerificationReport>;
}

/** What `verify()` found. */
export interface VerificationReport {
  /** No problem of severity `error`. */
  readonly ok: boolean;
  /** Samples whose files were all read, sound or not. */
  readonly checkedSamples: number;
  readonly counts: readonly ClassCounts[];
  readonly problems: readonly DatasetProblem[];
}

/** Samples of one class. */
export interface ClassCounts {
  readonly className: string;
  readonly train: number;
  readonly validation: number;
  readonly testNormal: number;
  readonly testAnomalous: number;
}

/** One thing wrong with a dataset folder. */
export interface DatasetProblem {
  /** `error`: a sample is unusable or missing. `warning`: odd, but usable. */
  readonly severity: 'error' | 'warning';
  /** Class, sample id or path that it is about. */
  readonly where: string;
  readonly message: string;
}
