export { type AdamGroup, adam, adamW } from './adam.js';
export {
  type GradientRun,
  type GradientSource,
  type StepGradients,
  tfjsGradients,
} from './gradient-source.js';
export type { Gradients, Losses } from './gradients.js';
export {
  type CosineScheduleOptions,
  constantSchedule,
  cosineSchedule,
  type LearningRateSchedule,
} from './learning-rate.js';
export { ModelState, type Persistent } from './model-state.js';
export type { Optimiser } from './optimiser.js';
export type { ParameterGroup } from './parameter-group.js';
export { sgd } from './sgd.js';
export {
  type CheckpointOptions,
  type StepContext,
  type TrainingOptions,
  type TrainingProgress,
  type TrainingTask,
  train,
} from './train.js';
export type { Companion, LossHistory } from './training-checkpoint.js';
export { TrainingError } from './training-error.js';
