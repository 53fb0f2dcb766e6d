import { ArgumentError } from '@anomclip/core';
import { type AnomalyMap, contiguous } from '@anomclip/core/image';
import ndarray from 'ndarray';
import type { Prediction } from '../detector.js';

/** One of the two opinions that 3DzAL's score is made of, on the same scale as the whole. */
export interface ThreeDzalTerm {
  readonly score: number;
  /** Of the size of the whole map. */
  readonly anomalyMap: AnomalyMap;
}

/** Score and map, and what they are made of. */
export interface ThreeDzalPrediction extends Prediction {
  readonly anomalyMap: AnomalyMap;
  /** From distances to the bank, in units of the calibration. */
  readonly distance: ThreeDzalTerm;
  /** From the classifier's probabilities; zeros without a classifier. */
  readonly classification: ThreeDzalTerm;
}

export interface FusionWeights {
  /** w_d */
  readonly distance: number;
  /** w_c */
  readonly classification: number;
}

/** The weighted sum of both terms (Eq. 11 and 12). */
export function fuseTerms(
  distance: ThreeDzalTerm,
  classification: ThreeDzalTerm,
  weights: FusionWeights,
): ThreeDzalPrediction {
  const ofClassifier = contiguous(classification.anomalyMap);
  const values = contiguous(distance.anomalyMap).map(
    (value, i) => weights.distance * value + weights.classification * ofClassifier[i],
  );
  return {
    imageScore: weights.distance * distance.score + weights.classification * classification.score,
    anomalyMap: ndarray(values, [...distance.anomalyMap.shape]),
    distance,
    classification,
  };
}

/**
 * The other way to make the two terms comparable: each is spread over [0, 1] by its smallest and largest value in a whole
 * test set, scores by scores and maps by pixels. Transductive: say so beside the results.
 *
 * @throws {@link ArgumentError} when there are no predictions.
 */
export function fuseOverTestSet(
  predictions: readonly ThreeDzalPrediction[],
  weights: FusionWeights = { distance: 1, classification: 1 },
): ThreeDzalPrediction[] {
  if (predictions.length === 0) throw new ArgumentError('fuseOverTestSet', 'at least one prediction', 0);
  const spreadTerm = (name: 'distance' | 'classification') => {
    const scoreOf = spreading(predictions.map((each) => [each[name].score]));
    const mapOf = spreading(predictions.map((each) => contiguous(each[name].anomalyMap)));
    return (each: ThreeDzalPrediction): ThreeDzalTerm => ({
      score: scoreOf(each[name].score),
      anomalyMap: ndarray(contiguous(each[name].anomalyMap).map(mapOf), [...each[name].anomalyMap.shape]),
    });
  };
  const [distanceOf, classificationOf] = [spreadTerm('distance'), spreadTerm('classification')];
  return predictions.map((each) => fuseTerms(distanceOf(each), classificationOf(each), weights));
}

function spreading(parts: readonly ArrayLike<number>[]): (value: number) => number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      low = Math.min(low, part[i]);
      high = Math.max(high, part[i]);
    }
  }
  return (value) => (high > low ? (value - low) / (high - low) : 0);
}
