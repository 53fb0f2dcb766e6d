export { DatasetError } from './dataset-error.js';
export { type OpenMvtec3dOptions, openMvtec3d } from './mvtec3d.js';
export {
  createMvtec3dWriter,
  type Mvtec3dSampleToWrite,
  type Mvtec3dWriter,
  type Mvtec3dWriterOptions,
} from './mvtec3d-writer.js';
export {
  type CategoryCounts,
  type OfflineBenchmarkDatasheet,
  type OfflineBenchmarkOptions,
  offlineBenchmarkCounts,
  readOfflineDatasheet,
  writeOfflineBenchmark,
} from './offline-benchmark.js';
export {
  type Camera,
  type ClassCounts,
  type Dataset,
  type DatasetProblem,
  type Sample,
  type SampleData,
  type SampleFilter,
  type SkippedSample,
  type Split,
  splits,
  type VerificationReport,
} from './sample.js';
