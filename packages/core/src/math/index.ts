export { cos } from './cos';
export { erf } from './erf';
export { exp } from './exp';
export { log } from './log';
export { pow } from './pow';
export { sin } from './sin';
export { tanh } from './tanh';
