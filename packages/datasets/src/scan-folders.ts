import type { OrganisedCloud } from '@anomclip/core';
import type { FolderEntry } from './list-folder.js';
import { type Listing, type SampleName, sampleId } from './listing.js';
import { imageSource, maskSource, tiffEndings, xyzSource } from './read-parts.js';
import { type Camera, normalType, splits } from './sample.js';
import { fileSource, missingSource, type Source } from './source.js';

/** What differs between the datasets that come in the folders of MVTec 3D-AD. */
export interface ScanFolderOptions {
  /** Applied to every cloud that is read. */
  readonly clean?: (organised: OrganisedCloud) => OrganisedCloud;
}

/** Lists `<class>/<split>/<type>/{rgb,xyz,gt}/<stem>`. Folders without a split inside are not classes. */
export async function listScanFolders(listing: Listing, options: ScanFolderOptions = {}): Promise<void> {
  for (const folder of await listing.folders({ path: listing.root })) {
    const inside = await listing.folders(folder);
    if (!inside.some(({ name }) => splits.some((split) => split === name))) continue;
    listing.classes.push(folder.name);
    const camera = await findCamera(folder, listing);
    for (const split of splits) {
      const types = await listing.folders(inside.find(({ name }) => name === split));
      for (const type of types) {
        const name = { className: folder.name, split, defectType: type.name };
        await listType(listing, name, type, camera, options);
      }
    }
  }
}

async function listType(
  listing: Listing,
  name: SampleName,
  folder: FolderEntry,
  camera: Source<Camera> | undefined,
  { clean = (organised) => organised }: ScanFolderOptions,
): Promise<void> {
  const { limits } = listing;
  const prefix = sampleId(name, '').slice(0, -1);
  const label = name.defectType === normalType ? 0 : 1;
  const modalities = await listing.folders(folder);
  const files = (modality: string, endings: readonly string[]) =>
    listing.filesByStem(
      modalities.find((entry) => entry.name === modality),
      endings,
      `${prefix}/${modality}`,
    );
  const rgb = await files('rgb', ['.png']);
  const xyz = await files('xyz', tiffEndings);
  // Some copies have masks of zeros in `train` and `validation`; they say nothing.
  const gt = name.split === 'test' ? await files('gt', ['.png']) : new Map<string, string>();
  if (rgb.size + xyz.size === 0) listing.warn(prefix, 'holds no sample');

  for (const stem of new Set([...rgb.keys(), ...xyz.keys(), ...gt.keys()])) {
    const id = sampleId(name, stem);
    const [image, points, truth] = [rgb.get(stem), xyz.get(stem), gt.get(stem)];
    if (image === undefined || points === undefined) {
      listing.skip(id, [...(image === undefined ? ['rgb'] : []), ...(points === undefined ? ['xyz'] : [])]);
      continue;
    }
    if (truth === undefined && name.split === 'test' && label === 0) {
      listing.warn(id, 'has no gt file; normal samples usually have one of zeros');
    }
    const organised = xyzSource(points, limits);
    listing.add({
      ...name,
      id,
      label,
      unitScale: 1,
      image: imageSource(image, limits),
      organised: { ...organised, read: async (readOther) => clean(await organised.read(readOther)) },
      mask: truth === undefined ? missingMask(label, id, image) : maskSource(truth, limits),
      camera,
    });
  }
}

function missingMask(label: 0 | 1, id: string, image: string): Source<never> | undefined {
  if (label === 0) return undefined;
  return missingSource(
    image,
    `the anomalous sample ${id} has no mask: no file of this name lies in gt`,
    'unpack the dataset again; samples without defects belong into a folder called good',
  );
}

async function findCamera(folder: FolderEntry, listing: Listing): Promise<Source<Camera> | undefined> {
  const files = await listing.entries(await listing.folder(folder, 'calibration'));
  const file = files.find(({ name, kind }) => kind === 'file' && name === 'camera_parameters.json');
  return file && fileSource(file.path, parseCamera, listing.limits);
}

/** The camera of a class, from the lens and sensor data that come with the dataset. */
function parseCamera(bytes: Uint8Array): Camera {
  const parameters: unknown = JSON.parse(new TextDecoder().decode(bytes));
  function number(name: string): number {
    const value: unknown = (parameters as Record<string, unknown> | null)?.[name];
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw new TypeError(`"${name}" is ${value === undefined ? 'missing' : `${value}, not a number`}`);
  }
  const [pixelWidth, pixelHeight, focalLength] = [number('sx'), number('sy'), number('focus')];
  return {
    fx: focalLength / pixelWidth,
    fy: focalLength / pixelHeight,
    cx: number('cx'),
    cy: number('cy'),
    width: number('image_width'),
    height: number('image_height'),
    distortion: { kappa: number('kappa'), pixelWidth, pixelHeight },
  };
}
