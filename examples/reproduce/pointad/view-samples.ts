import { AnomclipError } from '@anomclip/core';
import { gaussianFilter } from '@anomclip/core/image';
import { folderStore } from '@anomclip/core/node';
import { createRng } from '@anomclip/core/random';
import type { Sample } from '@anomclip/datasets';
import type { PointadSample } from '@anomclip/methods/pointad';
import { farthestPoints } from '@anomclip/pointcloud';
import {
  type PreparedCloud,
  prepareCloud,
  prepareEyecandies,
  prepareMvtec3d,
  prepareReal3d,
  prepareScan,
} from '@anomclip/pointcloud/prepare';
import {
  createMultiViewSample,
  type MultiViewSample,
  type MultiViewSampleOptions,
  readMultiViewSample,
  removeOccluded,
  resolveSampleOptions,
  type SampleDataset,
  sampleKey,
  viewPoses,
  writeMultiViewSample,
} from '@anomclip/pointcloud/views';
import ndarray from 'ndarray';
import type { ViewSettings } from './plan.js';

/** Samples of a dataset as PointAD sees them. Each is rendered once and kept on disk under the hash of cloud and options. */
export interface ViewSamples {
  load(sample: Sample, settings: ViewSettings): Promise<PointadSample>;
  /** The cloud that the views are of, one point per cell. */
  cloudOf(sample: Sample, settings: ViewSettings): Promise<PreparedCloud>;
}

/** @param folder - Where rendered samples are kept; several runs may share it. */
export function viewSamples(folder: string): ViewSamples {
  const store = folderStore(folder, { maxBytes: 64 * 2 ** 30 });
  const keys = new Map<string, string>(); // so that a scan is cleaned once per run
  return {
    async load(sample, settings) {
      const name = JSON.stringify([sample.dataset, sample.id, settings]);
      const options = sampleOptions(sample, settings);
      const key = keys.get(name);
      const stored = key && (await store.get(key));
      if (stored) return labelled(sample, blurred(readMultiViewSample(stored), settings.blur));
      const cloud = await prepare(sample, settings, options);
      const found = await sampleKey(cloud, options);
      keys.set(name, found);
      const known = await store.get(found);
      const views = known ? readMultiViewSample(known) : createMultiViewSample(cloud, options);
      if (!known) await store.set(found, writeMultiViewSample(views));
      return labelled(sample, blurred(views, settings.blur));
    },
    cloudOf: (sample, settings) => prepare(sample, settings, sampleOptions(sample, settings)),
  };
}

function labelled({ label }: Sample, views: MultiViewSample): PointadSample {
  return { views, label };
}

/** Reads a scan, cleans it as its dataset needs it, and takes from it what the robustness studies take. */
async function prepare(
  sample: Sample,
  settings: ViewSettings,
  options: MultiViewSampleOptions,
): Promise<PreparedCloud> {
  const cloud = thinned(await prepareSample(sample, settings.size), settings.density);
  if (!settings.occlusion) return cloud;
  const { baseAngle } = resolveSampleOptions(options);
  const tilted = viewPoses({ count: 9 }); // the tilts nearest to the sensor's own view first
  const poses = [5, 3, 6, 2, 4].map((view) => tilted[view]);
  return removeOccluded(cloud, poses, { baseAngle }).cloud;
}

async function prepareSample(sample: Sample, size: number): Promise<PreparedCloud> {
  const { image, organised, cloud, mask, pointLabels } = await sample.load();
  const dataset = datasetOf(sample);
  if (organised) {
    const scan = { organised, ...(image && { image }), ...(mask && { mask }) };
    if (dataset === 'mvtec3d') return prepareMvtec3d(scan, { size });
    if (dataset === 'eyecandies') return prepareEyecandies(scan, { size });
    return prepareScan(scan, { size });
  }
  if (!cloud) throw new AnomclipError(`${sample.id} has no points; PointAD needs scans or clouds`);
  const labels = pointLabels ?? new Uint8Array(cloud.positions.shape[0]);
  const rng = createRng(111).fork(sample.id);
  if (dataset === 'real3d') return prepareReal3d({ ...cloud, labels }, { count: size * size, rng });
  return prepareCloud({ ...cloud, labels });
}

/** Point sizes are those of 336 cells in a window of 1024; another grid needs squares that leave as few holes. */
function sampleOptions(sample: Sample, settings: ViewSettings): MultiViewSampleOptions {
  const { preset, views, size, window, angleShiftDegrees, diffuse } = settings;
  const dataset = datasetOf(sample);
  const base: MultiViewSampleOptions = {
    preset,
    className: sample.className,
    ...(dataset && { dataset }),
  };
  const { render, views: schedule } = resolveSampleOptions(base);
  const scale = (336 / size) * (window / 1024);
  return {
    ...base,
    views: {
      ...(views !== 9 || schedule.schedule === 'circularX' ? { schedule: 'circularX', count: views } : {}),
      angleShift: (angleShiftDegrees * Math.PI) / 180,
    },
    render: {
      size,
      ...(window !== 1024 && { window, groundTruthWindow: window }),
      pointSize: Math.max(1, (render.pointSize ?? 8) * scale),
      groundTruthPointSize: Math.max(1, (render.groundTruthPointSize ?? 6) * scale),
      ...(diffuse !== null && { light: { diffuse } }),
    },
    // The paper's depth test on the grid of patches (D6) and the others' on the grid of the renderings.
    ...(preset === 'paper' ? {} : { visibility: { resolution: size } }),
  };
}

function datasetOf({ dataset }: Sample): SampleDataset | undefined {
  return (['mvtec3d', 'eyecandies', 'real3d'] as const).find((known) => known === dataset);
}

/** A share of the points, farthest ones; the others become background. */
function thinned(cloud: PreparedCloud, share: number): PreparedCloud {
  if (share === 1) return cloud;
  const cells = Array.from(cloud.foreground.keys()).filter((cell) => cloud.foreground[cell]);
  const points = Float32Array.from({ length: 3 * cells.length }, (_, i) => {
    return cloud.positions[3 * cells[Math.floor(i / 3)] + (i % 3)];
  });
  const kept = new Uint8Array(cloud.foreground.length);
  for (const point of farthestPoints(points, Math.max(1, Math.round(share * cells.length)))) {
    kept[cells[point]] = 1;
  }
  const without = (values: Uint8Array) =>
    values.map((value, cell) => (cloud.foreground[cell] && !kept[cell] ? 0 : value));
  const { labels, targets } = cloud;
  return {
    ...cloud,
    positions: cloud.positions.map((value, i) => (kept[Math.floor(i / 3)] ? value : 0)),
    foreground: kept,
    ...(labels && { labels: without(labels) }),
    ...(targets && { targets: without(targets) }),
  };
}

/** The renderings out of focus, and nothing else changed. */
function blurred(views: MultiViewSample, sigma: number): MultiViewSample {
  if (sigma === 0) return views;
  const { size } = views.options.render;
  const { channels, viewCount } = views;
  const renderings = new Uint8Array(views.renderings.length);
  const length = size * size;
  for (let view = 0; view < viewCount; view++) {
    for (let channel = 0; channel < channels; channel++) {
      const at = (pixel: number) => (view * length + pixel) * channels + channel;
      const plane = Float32Array.from({ length }, (_, pixel) => views.renderings[at(pixel)]);
      const { data } = gaussianFilter(ndarray(plane, [size, size]), sigma);
      for (let pixel = 0; pixel < length; pixel++) renderings[at(pixel)] = Math.round(data[pixel]);
    }
  }
  return { ...views, renderings };
}
