import type { LongWorkOptions } from '@anomclip/core';
import { type Mvtec3dListing, normalType, type SampleFiles } from './mvtec3d-layout.js';
import {
  assertSize,
  emptyMaskWarning,
  isEmpty,
  readCamera,
  readCloud,
  readImage,
  readTruth,
  type Size,
  sizeOf,
} from './mvtec3d-sample.js';
import type { ClassCounts, DatasetProblem, VerificationReport } from './sample.js';

/** Samples per class as published: train, validation, normal test, anomalous test. */
const publishedCounts: Readonly<Record<string, readonly [number, number, number, number]>> = {
  bagel: [244, 22, 22, 88],
  cable_gland: [223, 23, 21, 87],
  carrot: [286, 29, 27, 132],
  cookie: [210, 22, 28, 103],
  dowel: [288, 34, 26, 104],
  foam: [236, 27, 20, 80],
  peach: [361, 42, 26, 106],
  potato: [300, 33, 22, 92],
  rope: [298, 33, 32, 69],
  tire: [210, 29, 25, 87],
};

/** Reads every file, one sample at a time. See `Dataset.verify`. */
export async function verifyMvtec3d(
  listing: Mvtec3dListing,
  options: LongWorkOptions = {},
): Promise<VerificationReport> {
  const { signal, onProgress } = options;
  const { samples, skipped } = listing;
  const counts = countSamples(listing);
  const problems: DatasetProblem[] = [
    ...counts.flatMap(compareWithPublished),
    ...skipped.map(({ id, missing }) => error(id, `has no ${missing.join(' and no ')} file, skipped`)),
    ...listing.problems,
  ];
  for (const path of new Set(samples.map(({ camera }) => camera))) {
    if (path !== undefined) await attempt(path, problems, () => readCamera(path));
  }
  for (const [index, files] of samples.entries()) {
    signal?.throwIfAborted();
    await verifySample(files, problems);
    onProgress?.({ stage: 'verify', done: index + 1, total: samples.length });
  }
  const ok = problems.every(({ severity }) => severity !== 'error');
  return { ok, checkedSamples: samples.length, counts, problems };
}

/** Samples that can be used, per class. */
export function countSamples({ classes, samples }: Mvtec3dListing): ClassCounts[] {
  return classes.map((className) => {
    const ofClass = samples.filter((sample) => sample.className === className);
    const test = ofClass.filter(({ split }) => split === 'test');
    const testNormal = test.filter(({ defectType }) => defectType === normalType).length;
    return {
      className,
      train: ofClass.filter(({ split }) => split === 'train').length,
      validation: ofClass.filter(({ split }) => split === 'validation').length,
      testNormal,
      testAnomalous: test.length - testNormal,
    };
  });
}

/** Whether MVTec 3D-AD has a class of this name. */
export function isPublishedClass(className: string): boolean {
  return Object.hasOwn(publishedCounts, className);
}

function compareWithPublished(counts: ClassCounts): DatasetProblem[] {
  if (!isPublishedClass(counts.className)) return [];
  const published = publishedCounts[counts.className];
  const found = [counts.train, counts.validation, counts.testNormal, counts.testAnomalous];
  const parts = ['train', 'validation', 'normal test', 'anomalous test'];
  return parts.flatMap((part, i) =>
    found[i] === published[i]
      ? []
      : [error(counts.className, `${found[i]} ${part} samples, MVTec 3D-AD has ${published[i]}`)],
  );
}

/** Each file is tried even if another one is broken, so that one run lists everything. */
async function verifySample(files: SampleFiles, problems: DatasetProblem[]): Promise<void> {
  const { id, defectType, split } = files;
  const cloud = await attempt(id, problems, () => readCloud(files));
  const image = await attempt(id, problems, () => readImage(files));
  const size = cloud && sizeOf(cloud.xyz);
  if (cloud && !cloud.xyz.data.some((value) => value !== 0)) {
    problems.push(warning(id, 'the scan holds no point'));
  }
  if (image) await checkSize(files.rgb, sizeOf(image));

  if (split !== 'test') return;
  if (defectType === normalType && files.gt === undefined) {
    problems.push(warning(id, 'has no gt file; normal samples usually have one of zeros'));
    return;
  }
  const mask = await attempt(id, problems, () => readTruth(files));
  if (!mask) return;
  await checkSize(files.gt ?? id, sizeOf(mask));
  if (defectType === normalType && !isEmpty(mask)) {
    problems.push(warning(id, 'the sample is normal, but its mask is not empty; the mask is ignored'));
  }
  if (defectType !== normalType && isEmpty(mask)) problems.push(warning(id, emptyMaskWarning));

  async function checkSize(path: string, actual: Size): Promise<void> {
    if (size) await attempt(id, problems, async () => assertSize(path, actual, size));
  }
}

async function attempt<Result>(
  where: string,
  problems: DatasetProblem[],
  read: () => Promise<Result>,
): Promise<Result | undefined> {
  try {
    return await read();
  } catch (reason) {
    problems.push(error(where, reason instanceof Error ? reason.message : String(reason)));
    return undefined;
  }
}

function error(where: string, message: string): DatasetProblem {
  return { severity: 'error', where, message };
}

function warning(where: string, message: string): DatasetProblem {
  return { severity: 'warning', where, message };
}
