import { join } from 'node:path';

/** The C++ source of `loader.node`, which each installation holds compiled. */
export const LOADER_SOURCE = join(__dirname, '..', 'addon', 'loader.cc');
