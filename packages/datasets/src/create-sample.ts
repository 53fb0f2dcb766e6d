import type { PointCloud } from '@anomclip/core';
import { contiguous, createMask, type Mask } from '@anomclip/core/image';
import { toUnorganised } from '@anomclip/pointcloud';
import ndarray from 'ndarray';
import { DatasetError } from './dataset-error.js';
import {
  differentSize,
  emptyMaskWarning,
  isEmpty,
  type Shaped,
  type SizedFile,
  sizeOf,
} from './file-sizes.js';
import type { ListedSample } from './listing.js';
import type { Sample, SampleData, SamplePart } from './sample.js';
import type { ReadSource, Source } from './source.js';

/** Makes a listed sample loadable, its files read by `readSource`. */
export function createSample(listed: ListedSample, dataset: string, readSource: ReadSource): Sample {
  const { id, className, split, defectType, label, unitScale } = listed;
  const parts = partsOf(listed);

  async function load({ signal }: { readonly signal?: AbortSignal } = {}): Promise<SampleData> {
    const sizes: SizedFile[] = [];
    async function read<Part>(source: Source<Part> | undefined): Promise<Part | undefined> {
      signal?.throwIfAborted();
      const part = source && (await readSource(source));
      signal?.throwIfAborted();
      return part;
    }
    async function readGrid<Part extends Shaped | { readonly xyz: Shaped }>(
      source: Source<Part> | undefined,
    ): Promise<Part | undefined> {
      const part = await read(source);
      if (!source || part === undefined) return undefined;
      sizes.push({ path: source.path, size: sizeOf('xyz' in part ? part.xyz : part) });
      const difference = differentSize(sizes[0], sizes[sizes.length - 1]);
      if (difference) throw difference;
      return part;
    }
    const organised = await readGrid(listed.organised);
    const image = await readGrid(listed.image);
    const depth = await readGrid(listed.depth);
    const cloud = await read(listed.cloud);
    const camera = await read(listed.camera);
    const truth = label === 1 ? await readGrid(listed.mask) : undefined;
    const mask = label === 0 && sizes.length > 0 ? createMask(...sizes[0].size) : truth;
    const pointLabels = cloud && labelsOf(cloud, label);
    return {
      ...(image && { image }),
      ...(organised && { organised }),
      ...(cloud && { cloud: pointLabels ? { ...cloud, labels: pointLabels } : cloud }),
      ...(depth && { depth }),
      ...(mask && { mask }),
      ...(pointLabels && { pointLabels }),
      ...(camera && { camera }),
      warnings: truth && isEmpty(truth) ? [emptyMaskWarning] : [],
    };
  }

  async function loadMask(): Promise<Mask> {
    if (label === 1) return readSource(wanted(listed.mask, 'mask'));
    if (listed.organised) return createMask(...sizeOf((await readSource(listed.organised)).xyz));
    return createMask(...sizeOf(await readSource(wanted(listed.image, 'mask'))));
  }

  async function loadCloud(): Promise<PointCloud> {
    if (listed.cloud) {
      const cloud = await readSource(listed.cloud);
      const labels = labelsOf(cloud, label);
      return labels ? { ...cloud, labels } : cloud;
    }
    const organised = await readSource(wanted(listed.organised, 'cloud'));
    const { positions, index } = toUnorganised(organised, { missing: 'all-zero' });
    const cloud = { positions: ndarray(positions, [index.length, 3]) };
    if (label === 0) return { ...cloud, labels: new Uint8Array(index.length) };
    if (!listed.mask) return cloud;
    const mask = contiguous(await readSource(listed.mask));
    return { ...cloud, labels: Uint8Array.from(index, (pixel) => mask[pixel]) };
  }

  function wanted<Part>(source: Source<Part> | undefined, part: SamplePart): Source<Part> {
    if (source) return source;
    throw new DatasetError(id, `the sample has no ${part}`, { hint: `it has ${parts.join(', ')}` });
  }

  return {
    id,
    dataset,
    className,
    split,
    defectType,
    label,
    ...(unitScale !== undefined && { unitScale }),
    parts,
    load,
    loadImage: async () => readSource(wanted(listed.image, 'image')),
    loadMask,
    loadOrganised: async () => readSource(wanted(listed.organised, 'organised')),
    loadCloud,
  };
}

function partsOf({ image, organised, cloud, depth, mask, camera, label }: ListedSample): SamplePart[] {
  const onGrid = image !== undefined || organised !== undefined;
  const present: Readonly<Record<SamplePart, boolean>> = {
    image: image !== undefined,
    organised: organised !== undefined,
    cloud: cloud !== undefined,
    depth: depth !== undefined,
    mask: onGrid && (label === 0 || mask !== undefined),
    pointLabels: cloud !== undefined && (label === 0 || cloud.hasLabels === true),
    camera: camera !== undefined,
  };
  return (Object.keys(present) as SamplePart[]).filter((part) => present[part]);
}

/** 0 or 1 per point; undefined when the file of an anomalous sample does not tell. */
function labelsOf(cloud: PointCloud, label: 0 | 1): Uint8Array | undefined {
  if (label === 0) return new Uint8Array(cloud.positions.shape[0]);
  return cloud.labels && Uint8Array.from(cloud.labels, (value) => Number(value > 0));
}
