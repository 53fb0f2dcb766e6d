export { type Background, type BackgroundBuilder, backgrounds } from './backgrounds.js';
export type { PinholeCamera } from './camera.js';
export { defectTypesOf, type ObjectCategory, objectCategories } from './categories.js';
export type { Colour } from './colours.js';
export { type DefectType, defectTypes } from './damage.js';
export type { ModelBuilder, ObjectModel } from './object-model.js';
export {
  type DefectMeasures,
  type ModelScanOptions,
  type ScanOptions,
  type SyntheticScan,
  scanModel,
  scanObject,
} from './scan-object.js';
export type { Lamp, Lens, Station } from './station.js';
