import { decodeMask, decodePngGrey } from '@anomclip/core/image';
import { depthMap } from '@anomclip/pointcloud';
import { eyecandiesPoints } from '@anomclip/pointcloud/prepare';
import ndarray, { type NdArray } from 'ndarray';
import type { FileLimits } from './dataset.js';
import { endingOf, type FolderEntry } from './list-folder.js';
import { type Listing, sampleId } from './listing.js';
import { imageSource, maskSource } from './read-parts.js';
import { type Camera, normalType, type Split } from './sample.js';
import { parseSimpleYaml } from './simple-yaml.js';
import { missingSource, nameErrors, readAndDecode, type Source } from './source.js';

/** See `OpenEyecandiesOptions.pose`. */
export type EyecandiesPose = 'inverse' | 'forward' | 'none';

/** Folder → split. */
const splitFolders: Readonly<Record<string, Split>> = {
  train: 'train',
  val: 'validation',
  test_public: 'test',
};

/** Kinds of defects with a mask of their own. */
const defectKinds = ['bumps', 'dents', 'colors', 'normals'] as const;

/** Focal length of the renderings, pixels. */
const focalLength = 711.11;

/** Files of one sample, by item: `image_4.png`, `depth.png`, `pose.txt` … */
type Items = ReadonlyMap<string, string>;

/** Lists `<Class>/<split folder>/data/<index>_<item>`; the width of the index does not matter. */
export async function listRawEyecandies(
  listing: Listing,
  light: number,
  pose: EyecandiesPose,
): Promise<void> {
  const withoutAnnotations: string[] = [];
  for (const folder of await listing.folders({ path: listing.root })) {
    const inside = await listing.folders(folder);
    for (const [splitFolder, split] of Object.entries(splitFolders)) {
      const data = await listing.folder(
        inside.find(({ name }) => name === splitFolder),
        'data',
      );
      if (!data) continue;
      if (!listing.classes.includes(folder.name)) listing.classes.push(folder.name);
      const where = `${folder.name}/${splitFolder}/data`;
      for (const [index, items] of await listItems(listing, data, where)) {
        await listSample(listing, { className: folder.name, split, index, items, light, pose });
      }
    }
    if (inside.some(({ name }) => name === 'test_private')) withoutAnnotations.push(folder.name);
  }
  if (listing.classes.length > 0 && withoutAnnotations.length > 0) {
    listing.notes.push(`test_private not listed, it has no annotations: ${withoutAnnotations.join(', ')}`);
  }
}

/** Index as three digits or more → items. */
async function listItems(
  listing: Listing,
  data: FolderEntry,
  where: string,
): Promise<Map<string, Map<string, string>>> {
  const byIndex = new Map<string, Map<string, string>>();
  for (const { name, path, kind } of await listing.entries(data)) {
    const match = /^(\d{1,9})_(.+)$/.exec(name);
    if (!match || kind !== 'file') {
      listing.warn(`${where}/${name}`, 'not an <index>_<item> file, ignored');
      continue;
    }
    const index = String(Number(match[1])).padStart(3, '0');
    const items = byIndex.get(index) ?? new Map<string, string>();
    const ending = endingOf(match[2]);
    items.set(match[2].slice(0, match[2].length - ending.length) + ending.replace('.yml', '.yaml'), path);
    byIndex.set(index, items);
  }
  return byIndex;
}

interface RawSample {
  readonly className: string;
  readonly split: Split;
  readonly index: string;
  readonly items: Items;
  readonly light: number;
  readonly pose: EyecandiesPose;
}

async function listSample(listing: Listing, sample: RawSample): Promise<void> {
  const { className, split, index, items, light, pose } = sample;
  const { limits } = listing;
  const [image, depthFile, info, poseFile] = [
    `image_${light}.png`,
    'depth.png',
    'info_depth.yaml',
    'pose.txt',
  ].map((item) => items.get(item));
  const where = `${className}/${split}/*/${index}`;
  if (image === undefined || depthFile === undefined || info === undefined || poseFile === undefined) {
    const present = { [`image_${light}`]: image, depth: depthFile, info_depth: info, pose: poseFile };
    const missing = Object.entries(present).flatMap(([item, path]) => (path === undefined ? [item] : []));
    listing.skip(where, missing);
    return;
  }
  const defectType = await readDefectType(items, listing, where);
  if (defectType === undefined) return;
  const name = { className, split, defectType };
  const id = sampleId(name, index);
  const mask = items.get('mask.png');
  const stored = storedDepthSource(depthFile, info, limits);
  const camera = cameraSource(poseFile, stored, limits);
  const label = defectType === normalType ? 0 : 1;
  listing.add({
    ...name,
    id,
    label,
    unitScale: 1,
    image: imageSource(image, limits),
    organised: {
      path: depthFile,
      async read(readOther) {
        const { values, ...range } = await readOther(stored);
        const { pose: matrix } = await readOther(camera);
        const options = { ...range, pose: matrix, poseConvention: pose };
        return nameErrors(poseFile, async () => eyecandiesPoints(values, options));
      },
    },
    depth: {
      path: depthFile,
      async read(readOther) {
        const { values, ...range } = await readOther(stored);
        return depthMap(eyecandiesPoints(values, range), { missing: 'all-zero' }); // z in the camera frame
      },
    },
    camera,
    mask:
      mask !== undefined
        ? maskSource(mask, limits)
        : label === 1
          ? missingSource(depthFile, `the anomalous sample ${id} has no mask.png`, 'unpack the dataset again')
          : undefined,
  });
}

/** From the label and the masks of the kinds; reports what cannot be read, and returns nothing then. */
async function readDefectType(items: Items, listing: Listing, where: string): Promise<string | undefined> {
  const { limits } = listing;
  const isMarked = async (item: string) => {
    const path = items.get(item);
    if (path === undefined) return false;
    const mask = await readAndDecode(path, (bytes) => decodeMask(bytes, limits), limits);
    return mask.data.includes(1);
  };
  try {
    const metadata = items.get('metadata.yaml');
    const anomalous = metadata === undefined ? await isMarked('mask.png') : await readLabel(metadata, limits);
    if (!anomalous) return normalType;
    const kinds: string[] = [];
    for (const kind of defectKinds) if (await isMarked(`${kind}_mask.png`)) kinds.push(kind);
    return kinds.length === 1 ? kinds[0] : kinds.length > 1 ? 'combined' : 'unnamed';
  } catch (error) {
    listing.fail(where, error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

function readLabel(path: string, limits: FileLimits): Promise<boolean> {
  return readAndDecode(
    path,
    (bytes) => {
      const value = parseSimpleYaml(new TextDecoder().decode(bytes)).get('anomalous');
      if (value === 0 || value === 'false') return false;
      if (value === 1 || value === 'true') return true;
      throw new TypeError(`"anomalous" is ${value === undefined ? 'missing' : 'not 0 or 1'}`);
    },
    { maxFileBytes: maxTextBytes, ...limits },
  );
}

/** A depth map as it is on disk. */
interface StoredDepth {
  /** [H, W]. */
  readonly values: NdArray<Uint16Array>;
  /** Metres that 0 and 65535 stand for. */
  readonly minimum: number;
  readonly maximum: number;
}

function storedDepthSource(path: string, info: string, limits: FileLimits): Source<StoredDepth> {
  return {
    path,
    async read() {
      const [minimum, maximum] = await readRange(info, limits);
      return readAndDecode(
        path,
        (bytes) => {
          const { data, shape } = decodePngGrey(bytes, limits);
          if (!(data instanceof Uint16Array)) throw new TypeError('it is not 16-bit grey');
          return { values: ndarray(data, shape), minimum, maximum };
        },
        limits,
      );
    },
  };
}

function readRange(path: string, limits: FileLimits): Promise<[min: number, max: number]> {
  return readAndDecode(
    path,
    (bytes) => {
      const normalization = parseSimpleYaml(new TextDecoder().decode(bytes)).get('normalization');
      const [min, max] = ['min', 'max'].map((name) =>
        normalization instanceof Map ? normalization.get(name) : undefined,
      );
      if (typeof min === 'number' && typeof max === 'number' && max >= min) return [min, max];
      throw new TypeError('"normalization" has no numbers min ≤ max');
    },
    { maxFileBytes: maxTextBytes, ...limits },
  );
}

function cameraSource(path: string, stored: Source<StoredDepth>, limits: FileLimits): Source<Camera> {
  return {
    path,
    async read(readOther) {
      const [height, width] = (await readOther(stored)).values.shape;
      const pose = await readAndDecode(path, parsePose, { maxFileBytes: maxTextBytes, ...limits });
      return { fx: focalLength, fy: focalLength, cx: width / 2, cy: height / 2, width, height, pose };
    },
  };
}

/** 16 numbers, row by row. */
function parsePose(bytes: Uint8Array): Float64Array {
  const words = new TextDecoder()
    .decode(bytes)
    .trim()
    .split(/[\s,]+/);
  const numbers = Float64Array.from(words, Number);
  if (numbers.length === 16 && numbers.every(Number.isFinite)) return numbers;
  throw new TypeError(`a pose is 16 numbers, this is ${words.length} words`);
}

/** These files hold a few lines. */
const maxTextBytes = 2 ** 20;
