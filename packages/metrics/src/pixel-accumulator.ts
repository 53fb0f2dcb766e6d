import { type AuproOptions, checkAuproOptions } from './aupro.js';
import { MetricsInputError } from './errors.js';
import type { HistogramMetrics } from './histogram-metrics.js';
import type { MaskMap, ScoreMap } from './inputs.js';
import { type PixelMetrics, pixelMetricsOf } from './pixel-metrics.js';
import { PixelCollector } from './pool.js';
import { type HistogramOptions, ScoreHistogram } from './score-histogram.js';

/**
 * Takes a test set image by image. The result does not depend on the order of the images, except through the
 * edges that `'quantile'` takes from the first ones.
 */
export interface PixelAccumulator<Metrics> {
  /**
   * Adds one image. Maps and masks are copied as far as needed: the caller may reuse their memory.
   *
   * @param valid - Non-zero where the pixel counts; absent: everywhere.
   * @throws {@link MetricsInputError} when the sizes differ, or on NaN unless `nan` allows it.
   */
  add(map: ScoreMap, mask: MaskMap, valid?: MaskMap): void;
  /**
   * Adds all that another accumulator of the same options holds, and leaves that one as it is.
   *
   * @throws {@link MetricsInputError} when the options differ.
   */
  merge(other: PixelAccumulator<Metrics>): void;
  /** Metrics of all images so far; more may be added afterwards. */
  result(): Metrics;
}

export interface ExactAccumulatorOptions extends Omit<AuproOptions, 'pixels' | 'valid'> {
  bins?: undefined;
}

/**
 * Pixel metrics of a test set that is not in memory at once.
 *
 * Without `bins` the result is that of {@link pixelMetrics}, at 4 bytes per normal and 8 per anomalous pixel,
 * and as much again twice while the result is computed. With `bins` the memory does not grow with the test set,
 * and every metric comes with bounds that are certain.
 */
export function createPixelAccumulator(options?: ExactAccumulatorOptions): PixelAccumulator<PixelMetrics>;
export function createPixelAccumulator(options: HistogramOptions): PixelAccumulator<HistogramMetrics>;
export function createPixelAccumulator(
  options: ExactAccumulatorOptions | HistogramOptions = {},
): PixelAccumulator<PixelMetrics> | PixelAccumulator<HistogramMetrics> {
  return options.bins === undefined ? new ExactAccumulator(options) : new HistogramAccumulator(options);
}

const where = 'createPixelAccumulator';

class ExactAccumulator implements PixelAccumulator<PixelMetrics> {
  private readonly collector: PixelCollector;

  constructor(private readonly options: ExactAccumulatorOptions) {
    checkAuproOptions(where, options);
    this.collector = new PixelCollector(where, options);
  }

  add(map: ScoreMap, mask: MaskMap, valid?: MaskMap): void {
    this.collector.add(map, mask, valid, 'copy');
  }

  merge(other: PixelAccumulator<PixelMetrics>): void {
    if (!(other instanceof ExactAccumulator) || other === this)
      throw notMergeable('another exact accumulator', other);
    checkSameOptions(this.options, other.options);
    this.collector.addAll(other.collector);
  }

  result(): PixelMetrics {
    return pixelMetricsOf(this.collector.pool(), this.options);
  }
}

class HistogramAccumulator implements PixelAccumulator<HistogramMetrics> {
  private readonly histogram: ScoreHistogram;

  constructor(private readonly options: HistogramOptions) {
    this.histogram = new ScoreHistogram(where, options);
  }

  add(map: ScoreMap, mask: MaskMap, valid?: MaskMap): void {
    this.histogram.add(map, mask, valid);
  }

  merge(other: PixelAccumulator<HistogramMetrics>): void {
    if (!(other instanceof HistogramAccumulator) || other === this)
      throw notMergeable('another histogram accumulator', other);
    checkSameOptions(this.options, other.options);
    this.histogram.addAll(other.histogram);
  }

  result(): HistogramMetrics {
    return this.histogram.metrics();
  }
}

function checkSameOptions(options: object, others: object): void {
  const [wanted, came] = [options, others].map((given) => JSON.stringify(Object.entries(given).sort()));
  if (wanted !== came) throw notMergeable(`an accumulator of options ${wanted}`, came);
}

function notMergeable(expected: string, actual: unknown): MetricsInputError {
  return new MetricsInputError('merge pixel accumulators', expected, actual);
}
