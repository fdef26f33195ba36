/** What worker threads of wasm load: see {@link ObjectiveModule}. */
export { type ObjectiveModule, reasoningObjective } from '@pixelis/training';
