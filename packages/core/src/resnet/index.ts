export { type ResNetConfig, type ResNetStage, resNet50, wideResNet50 } from './config.js';
export { type RandomResNetOptions, randomResNetWeights } from './random-weights.js';
export { type LoadResNetOptions, ResNet } from './resnet.js';
