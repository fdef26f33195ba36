export { determinism } from './determinism';
