export { addInRankOrder, type RankAddends } from './add-in-rank-order';
export { buildBinding, type BuiltBinding } from './build-binding';
export { heedLauncher, launchUnderMpi, type LaunchOptions } from './launch-under-mpi';
export { memoryWorlds, soloWorld } from './memory-world';
export { receiveMessage, sendMessage } from './messages';
export { openWorld } from './mpi-world';
export { visibleDevice } from './visible-device';
export type { RankNumbers, World } from './world';
export { type Environment, isRootProcess, worldPlaceOf } from './world-place';
