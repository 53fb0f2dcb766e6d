export type { PinholeCamera } from './camera.js';
export { defectTypesOf, type ObjectCategory, objectCategories } from './categories.js';
export type { Colour } from './colours.js';
export { type DefectType, defectTypes } from './damage.js';
export type { ModelBuilder, ObjectModel } from './object-model.js';
export { type ScanOptions, type SyntheticScan, scanModel, scanObject } from './scan-object.js';
