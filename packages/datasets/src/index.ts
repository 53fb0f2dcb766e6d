export { openAnomalyShapenet } from './anomaly-shapenet.js';
export type {
  ClassCounts,
  Dataset,
  DatasetProblem,
  FileLimits,
  OpenOptions,
  SampleFilter,
  SkippedSample,
  VerificationReport,
} from './dataset.js';
export { DatasetError } from './dataset-error.js';
export { type OpenEyecandiesOptions, openEyecandies } from './eyecandies.js';
export type { EyecandiesPose } from './eyecandies-raw.js';
export { type OpenFoldersOptions, openFolders } from './folders.js';
export { type KShotOptions, kShotSubset } from './k-shot.js';
export { type LoadedSample, type LoadSamplesOptions, loadSamples } from './load-samples.js';
export { openMvtecAd } from './mvtec-ad.js';
export { createMvtecAdWriter } from './mvtec-ad-writer.js';
export { openMvtecLoco } from './mvtec-loco.js';
export { openMvtec3d } from './mvtec3d.js';
export { createMvtec3dWriter, type ScanToWrite } from './mvtec3d-writer.js';
export {
  type CategoryCounts,
  type OfflineBenchmarkDatasheet,
  type OfflineBenchmarkLayout,
  type OfflineBenchmarkOptions,
  offlineBenchmarkCounts,
  readOfflineDatasheet,
  type WrittenDefect,
  writeOfflineBenchmark,
} from './offline-benchmark.js';
export { openDataset } from './open-dataset.js';
export { type LayoutName, type PublishedCounts, publishedCounts } from './published-counts.js';
export { type OpenReal3dOptions, openReal3d } from './real3d.js';
export {
  type Camera,
  type Sample,
  type SampleData,
  type SamplePart,
  type Split,
  splits,
} from './sample.js';
export type { DatasetWriter, SampleToWrite, WriterOptions } from './sample-writer.js';
export { crossDataset, oneVsRest, type TransferSplit } from './transfer-split.js';
export { type OpenVisaOptions, openVisa, type VisaSplit } from './visa.js';
