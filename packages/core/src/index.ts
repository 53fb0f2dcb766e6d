export type { OrganisedCloud, PointCloud } from './clouds.js';
export { AnomclipError, ArgumentError, DownloadError, FormatError, ShapeError } from './errors.js';
export { breathe, type LongWorkOptions, type ProgressEvent } from './long-work.js';
