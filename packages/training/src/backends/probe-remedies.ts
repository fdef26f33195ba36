import { installCommand } from '@pixelis/native';
import type { Backend } from './backend';

/** What mends a backend whose library crashes, or fails in a way that it does not explain. */
export const REPAIRS: Readonly<Record<Backend['name'], string>> = {
  wasm: 'install again: npm ci',
  reference: 'install again: npm ci',
  cpu: `install its library again: ${installCommand('cpu', ' --relink')}`,
  gpu: `install its library again: ${installCommand('gpu', ' --relink')}`,
  webgpu: 'update the driver of the graphics processor, or use --backend wasm',
};
