import type { LongWorkOptions } from '@anomclip/core';
import type { Sample, Split } from './sample.js';

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
   * By class, split, defect type (`good` first, then by name) and stem, names compared by code unit.
   *
   * @throws `DatasetError` for a class that the dataset does not have. Other filters may match nothing.
   */
  samples(filter?: SampleFilter): readonly Sample[];
  /** What was found and what is missing, for people, with the dataset's licence. */
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

/** What all `open…` functions take. */
export interface OpenOptions {
  /** Only these classes, as the folders spell them. @defaultValue all that are there */
  readonly classes?: readonly string[];
  /**
   * How many bytes of decoded files are kept, so that loading a sample again is free; the least recently used go first.
   * What is kept is shared by all who load it: copy before changing it. 0 keeps nothing, so every call decodes anew
   * and its result is yours alone. @defaultValue 256 MiB
   */
  readonly cacheBytes?: number;
  /** What a file may hold before it is refused. */
  readonly limits?: FileLimits;
}

/** Files beyond these are refused before memory is taken for them. */
export interface FileLimits {
  /** Bytes on disk. @defaultValue 1 GiB */
  readonly maxFileBytes?: number;
  /** Pixels of an image or mask. @defaultValue 100 million */
  readonly maxPixels?: number;
  /** Points of a cloud or grid. @defaultValue 50 million */
  readonly maxPoints?: number;
  /** Bytes that compressed points may grow to. @defaultValue 1 GiB */
  readonly maxInflatedBytes?: number;
}
