import { type AnomalyMap, contiguous, encodePng, type Image, type Mask } from '@anomclip/core/image';
import { type AuproMode, auroc, imageMetrics, pixelMetrics, rocCurve } from '@anomclip/metrics';
import ndarray from 'ndarray';
import { scoreRange } from '../../shared/case-strip.js';
import { paintMap } from '../../shared/colour-map.js';
import type { Evidence, Measurement } from './cell.js';
import { encodeCloud, type ScoredCloud } from './encode-cloud.js';

/** A test sample after its prediction. */
export interface ScoredSample {
  readonly id: string;
  readonly label: 0 | 1;
  readonly imageScore: number;
  /** [H, W], the map that is measured; absent for methods without maps. Points without a grid are [1, N]. */
  readonly map?: AnomalyMap;
  /** [H, W] of the map's size. */
  readonly mask?: Mask;
  /** Called for the few samples that are shown. */
  readonly picture?: () => Picture | Promise<Picture>;
}

/** How a sample is shown. */
export interface Picture {
  readonly image: Image;
  /** @defaultValue those of the sample */
  readonly mask?: Mask;
  readonly map?: AnomalyMap;
  /** For the view of the points in space; absent for images. */
  readonly cloud?: ScoredCloud;
}

export interface EvaluateClassOptions {
  readonly part?: string;
  /** `'none'` for points without a grid, which have no connected regions. @defaultValue 'mvtec3d' */
  readonly aupro?: AuproMode | 'none';
}

/** Metrics of one class from its scored test split, and what the report shows of it. */
export async function evaluateClass(
  className: string,
  samples: readonly ScoredSample[],
  { part, aupro = 'mvtec3d' }: EvaluateClassOptions = {},
): Promise<{ readonly measurement: Measurement; readonly evidence: Evidence }> {
  const scores = Float64Array.from(samples, ({ imageScore }) => imageScore);
  const labels = Uint8Array.from(samples, ({ label }) => label);
  const image = imageMetrics(scores, labels);
  const mapped = samples.flatMap(({ map, mask }) => (map && mask ? [{ map, mask }] : []));
  const hasMaps = mapped.length === samples.length && mapped.length > 0;
  const [maps, masks] = [mapped.map(({ map }) => map), mapped.map(({ mask }) => mask)];
  const name = { className, ...(part && { part }) };
  const pixel = hasMaps ? pixelMetrics(maps, masks, aupro === 'none' ? {} : { mode: aupro }) : undefined;
  const regions = aupro === 'none' ? undefined : pixel?.aupro;
  const mapRange = hasMaps ? scoreRange(maps) : undefined;
  return {
    measurement: {
      ...name,
      metrics: {
        'I-AUROC': image.auroc,
        AP: image.ap,
        'F1-max': image.f1Max.value,
        ...(pixel && { 'P-AUROC': pixel.auroc }),
        ...(regions && { AUPRO: regions.value }),
      },
    },
    evidence: {
      ...name,
      samples: samples.map(({ id, label, imageScore }) => ({ id, label, score: imageScore })),
      imageRoc: rounded(rocCurve(scores, labels)),
      ...(mapRange && {
        pixelRoc: rounded(rocCurve(maps, masks, { thin: 100 })),
        pixelHistogram: histogram(maps, masks, mapRange),
        mapRange,
      }),
      ...(regions?.curve.fpr.length && { pro: rounded({ x: regions.curve.fpr, y: regions.curve.pro }) }),
      cases: mapRange ? await pictureCases(samples, mapRange) : [],
    },
  };
}

/** Pixels by score: few bins, since the chart is small. */
function histogram(
  maps: readonly AnomalyMap[],
  masks: readonly Mask[],
  [low, high]: readonly [number, number],
): Evidence['pixelHistogram'] {
  const bins = 40;
  const [normal, anomalous] = [new Array<number>(bins).fill(0), new Array<number>(bins).fill(0)];
  for (const [i, map] of maps.entries()) {
    const [scores, truth] = [contiguous(map), contiguous(masks[i])];
    for (const [pixel, score] of scores.entries()) {
      const bin = high > low ? Math.floor((bins * (score - low)) / (high - low)) : 0;
      (truth[pixel] > 0 ? anomalous : normal)[Math.min(bins - 1, Math.max(0, bin))]++;
    }
  }
  return { normal, anomalous };
}

/** The samples that tell most: where the map is right, where it is wrong, and the worst false alarm. */
async function pictureCases(
  samples: readonly ScoredSample[],
  mapRange: readonly [number, number],
): Promise<Evidence['cases']> {
  const anomalous = samples
    .filter(({ label, mask }) => label === 1 && mask?.data.includes(1))
    .map((sample) => ({ sample, pixelAuroc: ofSample(sample) }))
    .sort((a, b) => b.pixelAuroc - a.pixelAuroc);
  const normal = samples
    .filter(({ label }) => label === 0)
    .sort((a, b) => b.imageScore - a.imageScore)
    .map((sample) => ({ sample, pixelAuroc: Number.NaN }));
  const chosen = [
    ...anomalous.slice(0, 1).map((found) => ({ role: 'best' as const, ...found })),
    ...anomalous
      .slice(1)
      .slice(-1)
      .map((found) => ({ role: 'worst' as const, ...found })),
    ...normal.slice(0, 1).map((found) => ({ role: 'highest normal' as const, ...found })),
  ];
  const cases: Evidence['cases'][number][] = [];
  for (const { role, sample, pixelAuroc } of chosen) {
    const picture = await sample.picture?.();
    const [map, mask] = [picture?.map ?? sample.map, picture?.mask ?? sample.mask];
    if (!picture || !map || !mask) continue;
    const { id, imageScore } = sample;
    cases.push({
      role,
      id,
      imageScore,
      pixelAuroc,
      image: base64(picture.image),
      mask: base64(
        ndarray(
          Uint8Array.from(mask.data, (value) => 255 * value),
          mask.shape,
        ),
      ),
      map: base64(paintMap(map, ...mapRange)),
      ...(picture.cloud && { cloud: encodeCloud(picture.cloud, mapRange) }),
    });
  }
  return cases;
}

function ofSample({ map, mask }: ScoredSample): number {
  return map && mask ? auroc([map], [mask]) : Number.NaN;
}

function base64(image: Parameters<typeof encodePng>[0]): string {
  return Buffer.from(encodePng(image)).toString('base64');
}

/** Four digits are more than a chart shows. */
function rounded({ x, y }: { readonly x: Float64Array; readonly y: Float64Array }) {
  const round = (value: number) => Number(value.toFixed(4));
  return { x: Array.from(x, round), y: Array.from(y, round) };
}
