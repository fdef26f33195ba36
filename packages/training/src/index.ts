export { type Backend, BACKEND_NAMES, type BackendName } from './backends/backend';
export { loadBackend } from './backends/load-backend';
export { initialiseParameters } from './parameters';
export { defaultVisionLanguageConfig, visionLanguageSpecs } from './models/vision-language';
export { decodeGreedily } from './sft/greedy-decoding';
export { reasoningObjective } from './sft/reasoning-objective';
export { Trainer } from './trainer/trainer';
