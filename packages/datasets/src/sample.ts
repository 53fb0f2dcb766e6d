import type { OrganisedCloud, PointCloud } from '@anomclip/core';
import type { Image, Mask } from '@anomclip/core/image';
import type { NdArray } from 'ndarray';

/**
 * `train` and `validation` hold normal samples only, except in VisA's two-class splits; what is scored lies in `test`.
 */
export type Split = 'train' | 'validation' | 'test';

/** The order in which samples are listed. */
export const splits: readonly Split[] = ['train', 'validation', 'test'];

/** Defect type of normal samples, in every dataset. */
export const normalType = 'good';

/**
 * One scan or picture of a benchmark: what is known from its name, and the files behind it, read when they are asked
 * for. A list of samples holds no pixels, so thousands of them fit in memory.
 *
 * What the loading functions return may be shared with the dataset's cache (see `OpenOptions.cacheBytes`): read it, and
 * copy before changing it. All of them throw `DatasetError` when a file is missing, cannot be decoded, or disagrees in
 * size with the others of the sample.
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
  /** What `load()` will give for this sample. */
  readonly parts: readonly SamplePart[];
  /**
   * Reads and decodes all files of the sample.
   *
   * @throws `DatasetError`, see above; the signal's reason when it is aborted before all files are read.
   */
  load(options?: { readonly signal?: AbortSignal }): Promise<SampleData>;
  /** [H, W, 3]. Throws when the dataset has no images. */
  loadImage(): Promise<Image>;
  /** [H, W]; all zero for normal samples. Throws when the dataset has no masks; clouds have labels instead. */
  loadMask(): Promise<Mask>;
  /** [H, W, 3]. Throws when the scans have no grid. */
  loadOrganised(): Promise<OrganisedCloud>;
  /**
   * [N, 3] whether the scans have a grid or not; of a grid, its measured points in raster order. `labels` holds 0 or 1
   * per point where the dataset tells. Throws when the dataset has no points.
   */
  loadCloud(): Promise<PointCloud>;
}

/** Names of the fields of {@link SampleData} that depend on the dataset. */
export type SamplePart = 'image' | 'organised' | 'cloud' | 'depth' | 'mask' | 'pointLabels' | 'camera';

/** What a sample holds; which fields are there depends on the dataset. Everything on a grid has the same H and W. */
export interface SampleData {
  /** [H, W, 3]. Grey is replicated, alpha dropped. */
  readonly image?: Image;
  /** [H, W, 3], pixel-registered with `image`. */
  readonly organised?: OrganisedCloud;
  /** [N, 3], for scans without a grid. */
  readonly cloud?: PointCloud;
  /** [H, W], metres along the optical axis; where the dataset stores depth and not points. */
  readonly depth?: NdArray<Float32Array>;
  /** [H, W]; all zero for normal samples, whatever their mask file holds. */
  readonly mask?: Mask;
  /** [N], 0 normal, 1 anomalous, in the order of `cloud`. All zero for normal samples. */
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
  /** 4 x 4, row-major, as the dataset stores it; absent where it stores none. */
  readonly pose?: Float64Array;
}
