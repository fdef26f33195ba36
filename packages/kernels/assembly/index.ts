export { addBias, multiply, scratchBytes } from './matrix-product';
