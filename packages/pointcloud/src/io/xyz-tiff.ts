import { FormatError, type OrganisedCloud } from '@anomclip/core';
import ndarray from 'ndarray';
import { checkPointCount, type ReadLimits, resolveLimits } from './read-limits.js';
import { readTiffDirectories, type TiffFile, type TiffPage } from './tiff-directory.js';
import { readTiffSamples } from './tiff-samples.js';

/**
 * Reads a scan stored as TIFF: three 32- or 64-bit floats per pixel, in strips or tiles, interleaved or in planes,
 * uncompressed or with LZW or Deflate and any predictor, either byte order, TIFF or BigTIFF. Pixels with a
 * coordinate that is not finite in float32 become (0, 0, 0). Thumbnails and masks in further pages are ignored.
 *
 * Also read is what some writers make of an array [H, W, 3]: H pages of W rows and 3 columns, with a JSON
 * description `{"shape": [H, W, 3]}`.
 *
 * @throws FormatError for everything else.
 */
export function readXyzTiff(bytes: Uint8Array, limits: ReadLimits = {}): OrganisedCloud {
  const { maxPoints, maxInflatedBytes } = resolveLimits('readXyzTiff', limits);
  const file = readTiffDirectories(bytes);
  const [height, width] = gridSize(file);
  checkPointCount('TIFF', height * width, maxPoints, 'pixels');

  const { pages, littleEndian } = file;
  let xyz: Float32Array;
  if (pages.length === 1) xyz = readTiffSamples(bytes, pages[0], littleEndian, maxInflatedBytes);
  else {
    checkTotal(bytes, pages);
    const rows = pages.map((page) =>
      readTiffSamples(bytes, page, littleEndian, maxInflatedBytes / pages.length),
    );
    xyz = new Float32Array(height * width * 3);
    rows.forEach((row, i) => {
      xyz.set(row, i * width * 3);
    });
  }
  clearNonFinite(xyz);
  return { xyz: ndarray(xyz, [height, width, 3]) };
}

/** Height and width of the scan, from the page or from the description. */
function gridSize({ pages }: TiffFile): [height: number, width: number] {
  if (pages.length === 0) throw new FormatError('TIFF', 'the file has no image of full size');
  const [first] = pages;
  if (pages.length === 1 && first.samplesPerPixel === 3) return [first.height, first.width];

  const [height, width, channels] = describedShape(first.description);
  const matches = (page: TiffPage): boolean =>
    page.samplesPerPixel === 1 && page.width === 3 && page.height === width;
  if (channels === 3 && pages.length === height && pages.every(matches)) return [height, width];
  throw new FormatError(
    'TIFF',
    `${pages.length} page(s) of ${first.height} × ${first.width} with ${first.samplesPerPixel} sample(s) per pixel`,
    'expected one page with the three samples x, y and z, or H pages of W × 3 described as {"shape": [H, W, 3]}',
  );
}

function describedShape(description: string): readonly number[] {
  if (!description.startsWith('{')) return [];
  try {
    const { shape } = JSON.parse(description) as { shape?: unknown };
    return Array.isArray(shape) && shape.length === 3 && shape.every(Number.isInteger) ? shape : [];
  } catch {
    return []; // a description in braces need not be JSON
  }
}

/** Each page alone has enough bytes in the file; together they must have, too. */
function checkTotal(bytes: Uint8Array, pages: readonly TiffPage[]): void {
  const stored = pages.reduce((sum, page) => page.byteCounts.reduce((total, count) => total + count, sum), 0);
  if (stored > bytes.length) throw new FormatError('TIFF', 'pages overlap or are not in the file');
}

function clearNonFinite(xyz: Float32Array): void {
  for (let i = 0; i < xyz.length; i += 3) {
    // Infinite or NaN exactly when one of them is: 0 · ∞ and 0 · NaN are NaN.
    if (0 * xyz[i] + 0 * xyz[i + 1] + 0 * xyz[i + 2] !== 0) xyz.fill(0, i, i + 3);
  }
}
