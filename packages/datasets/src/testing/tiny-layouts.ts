import { buildPng } from './png.js';
import { height, rgbPng, truthPng, width, xyzTiff } from './tiny-files.js';

/** Relative path → contents, as `writeFiles` takes them. */
export type Files = Record<string, Uint8Array | string>;

/** 4 x 5 JPEG of one colour, (200, 40, 40) before compression; written by Pillow 11 with quality 60. */
export const redJpeg: Uint8Array = Buffer.from(
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxO' +
    'UlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09P' +
    'T09PT09PT0//wAARCAAEAAUDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QA' +
    'FQEBAQAAAAAAAAAAAAAAAAAABAb/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCMAArn/9k=',
  'base64',
);

/** 4 x 5 grey mask with the value in the given cells. */
export function maskPng(cells: readonly (readonly [number, number])[], value = 255): Uint8Array {
  const samples = new Array<number>(height * width).fill(0);
  for (const [row, column] of cells) samples[row * width + column] = value;
  return buildPng({ width, depth: 8, samples });
}

/** One class of MVTec 3D-AD: a normal scan to train, one to test, and a hole at row 1, column 2. */
export function mvtec3dFiles(className: string): Files {
  return {
    [`${className}/train/good/rgb/000.png`]: rgbPng(),
    [`${className}/train/good/xyz/000.tiff`]: xyzTiff(),
    [`${className}/test/good/rgb/000.png`]: rgbPng(),
    [`${className}/test/good/xyz/000.tiff`]: xyzTiff(),
    [`${className}/test/good/gt/000.png`]: truthPng(),
    [`${className}/test/hole/rgb/000.png`]: rgbPng(),
    [`${className}/test/hole/xyz/000.tiff`]: xyzTiff(),
    [`${className}/test/hole/gt/000.png`]: truthPng([[1, 2]]),
  };
}

/** One class of MVTec AD: two images to train, one normal and one scratched to test, scratch at row 1, column 2. */
export function mvtecAdFiles(className: string): Files {
  return {
    [`${className}/train/good/000.png`]: rgbPng(0),
    [`${className}/train/good/001.png`]: rgbPng(1),
    [`${className}/test/good/000.png`]: rgbPng(2),
    [`${className}/test/scratch/000.png`]: rgbPng(3),
    [`${className}/ground_truth/scratch/000_mask.png`]: maskPng([[1, 2]]),
    [`${className}/readme.txt`]: 'about',
    [`${className}/license.txt`]: 'CC',
  };
}

/** One class of MVTec LOCO: a logical anomaly with two masks, a structural one with one. */
export function locoFiles(className: string): Files {
  const truth = `${className}/ground_truth`;
  return {
    [`${className}/train/good/000.png`]: rgbPng(),
    [`${className}/validation/good/000.png`]: rgbPng(),
    [`${className}/test/good/000.png`]: rgbPng(),
    [`${className}/test/logical_anomalies/000.png`]: rgbPng(),
    [`${className}/test/structural_anomalies/000.png`]: rgbPng(),
    [`${truth}/logical_anomalies/000/000.png`]: maskPng([[0, 1]], 255),
    [`${truth}/logical_anomalies/000/001.png`]: maskPng([[3, 4]], 254),
    [`${truth}/structural_anomalies/000/000.png`]: maskPng([[2, 2]], 251),
    [`${className}/defects_config.json`]: '[]',
  };
}

/** VisA with one class: two images to train, a normal and an anomalous one to test; masks hold 1 and 2. */
export function visaFiles(className: string): Files {
  const images = `${className}/Data/Images`;
  return {
    [`${images}/Normal/0000.JPG`]: redJpeg,
    [`${images}/Normal/0001.JPG`]: redJpeg,
    [`${images}/Normal/0002.JPG`]: redJpeg,
    [`${images}/Anomaly/000.JPG`]: redJpeg,
    [`${className}/Data/Masks/Anomaly/000.png`]: maskPng([[1, 2]], 1),
    [`${className}/image_anno.csv`]: 'image,label,mask\n',
    'split_csv/1cls.csv': visaCsv(
      `${className},train,normal,${images}/Normal/0000.JPG,`,
      `${className},train,normal,${images}/Normal/0002.JPG,`,
      `${className},test,normal,${images}/Normal/0001.JPG,`,
      `${className},test,anomaly,${images}/Anomaly/000.JPG,${className}/Data/Masks/Anomaly/000.png`,
    ),
  };
}

/** A split file of VisA. */
export function visaCsv(...rows: readonly string[]): string {
  return `object,split,label,image,mask\n${rows.map((row) => `${row}\n`).join('')}`;
}

/** Raw Eyecandies with one class: `test_public` has a normal sample, one with bumps, and one with dents and colours. */
export function eyecandiesFiles(className: string): Files {
  return {
    ...rawSample(`${className}/train/data/000`, {}),
    ...rawSample(`${className}/train/data/001`, {}),
    ...rawSample(`${className}/val/data/00`, {}),
    ...rawSample(`${className}/test_public/data/03`, {}),
    ...rawSample(`${className}/test_public/data/07`, { bumps: [[1, 2]] }),
    ...rawSample(`${className}/test_public/data/12`, { dents: [[0, 0]], colors: [[3, 4]] }),
    ...privateSample(`${className}/test_private/data/000`),
  };
}

/** The 17 files of a sample. Depth is 0.5 m, but 1.5 m at row 2, column 3; pose as in {@link eyecandiesPose}. */
function rawSample(
  path: string,
  defects: Readonly<Record<string, readonly (readonly [number, number])[]>>,
): Files {
  const kinds = ['bumps', 'dents', 'colors', 'normals'];
  const union = Object.values(defects).flat();
  return {
    ...privateSample(path),
    [`${path}_obj_params.yaml`]: 'seed: 1\n',
    [`${path}_metadata.yaml`]: `anomalous: ${union.length > 0 ? 1 : 0}\n`,
    [`${path}_mask.png`]: maskPng(union),
    ...Object.fromEntries(kinds.map((kind) => [`${path}_${kind}_mask.png`, maskPng(defects[kind] ?? [])])),
  };
}

function privateSample(path: string): Files {
  const samples = new Array<number>(height * width).fill(0);
  samples[2 * width + 3] = 65535;
  const lights = [0, 1, 2, 3, 4, 5].map((light) => [`${path}_image_${light}.png`, rgbPng(light)]);
  return {
    ...(Object.fromEntries(lights) as Files),
    [`${path}_depth.png`]: buildPng({ width, depth: 16, samples }),
    [`${path}_info_depth.yaml`]: 'normalization:\n  max: 1.5\n  min: 0.5\n',
    [`${path}_normals.png`]: rgbPng(),
    [`${path}_pose.txt`]: eyecandiesPose,
  };
}

/** A shift by (1, 2, 3). */
const eyecandiesPose = '1 0 0 1\n0 1 0 2\n0 0 1 3\n0 0 0 1\n';

/** The copy of Eyecandies that methods use: background points have one coordinate that is 0. */
export function eyecandiesCopyFiles(className: string): Files {
  return {
    [`${className}/train/good/rgb/000.png`]: rgbPng(),
    [`${className}/train/good/xyz/000.tiff`]: xyzTiff({ bits: 64 }),
    [`${className}/test/good/rgb/003.png`]: rgbPng(),
    [`${className}/test/good/xyz/003.tiff`]: xyzTiff({ bits: 64 }),
    [`${className}/test/good/gt/003.png`]: rgbMask([]),
    [`${className}/test/bad/rgb/007.png`]: rgbPng(),
    [`${className}/test/bad/xyz/007.tiff`]: xyzTiff({ bits: 64 }),
    [`${className}/test/bad/gt/007.png`]: rgbMask([[1, 2]]),
  };
}

/** A mask with a palette: black and red. */
function rgbMask(cells: readonly (readonly [number, number])[]): Uint8Array {
  const samples = new Array<number>(height * width).fill(0);
  for (const [row, column] of cells) samples[row * width + column] = 1;
  return buildPng({ width, depth: 1, samples, palette: [0, 0, 0, 255, 0, 0] });
}

/** One class of Real3D-AD: the text of the anomalous scan has one point more than its pcd, and another order. */
export function real3dFiles(className: string): Files {
  return {
    [`${className}/train/1_template.pcd`]: asciiPcd([[1, 2, 3]]),
    [`${className}/train/2_prototype.pcd`]: asciiPcd([[1, 2, 3]]),
    [`${className}/test/9_template.pcd`]: asciiPcd([[0, 0, 0]]),
    [`${className}/test/105_good.pcd`]: asciiPcd([
      [10, 20, 30],
      [12, 24, 36],
    ]),
    [`${className}/test/106_bulge.pcd`]: asciiPcd([[7, 7, 7]]),
    [`${className}/test/107_sink_cut2.pcd`]: asciiPcd([[7, 7, 7]]),
    [`${className}/gt/106_bulge.txt`]: '3.0 0.0 0.0 1.0\n1.0 0.0 0.0 0.0\n',
    [`${className}/gt/107_sink_cut2.txt`]: '3e0 0 0 1\n1 0 0 0\n',
  };
}

/** One class of Anomaly-ShapeNet, without the folder `pcd` above. */
export function shapenetFiles(className: string): Files {
  return {
    [`${className}/train/${className}_template0.pcd`]: asciiPcd([[0.5, 0, 0]]),
    [`${className}/test/${className}_positive0.pcd`]: asciiPcd([[0.5, 0, 0]]),
    [`${className}/test/${className}_bulge12.pcd`]: asciiPcd([[9, 9, 9]]),
    [`${className}/GT/${className}_bulge12.txt`]: '0.25,0.5,0.75,0\n0.5,0,0,1\n',
  };
}

/** An ascii PCD, from its documentation. */
export function asciiPcd(points: readonly (readonly number[])[]): string {
  return [
    '# .PCD v0.7 - Point Cloud Data file format',
    'VERSION 0.7',
    'FIELDS x y z',
    'SIZE 4 4 4',
    'TYPE F F F',
    'COUNT 1 1 1',
    `WIDTH ${points.length}`,
    'HEIGHT 1',
    'VIEWPOINT 0 0 0 1 0 0 0',
    `POINTS ${points.length}`,
    'DATA ascii',
    ...points.map((point) => point.join(' ')),
    '',
  ].join('\n');
}
