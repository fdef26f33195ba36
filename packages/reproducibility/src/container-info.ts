import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { redactSecrets } from '@pixelis/core';

/** What kind of container a program runs in. */
export type ContainerKind = 'docker' | 'podman' | 'kubernetes' | 'apptainer' | 'singularity';

/** The container that a program runs in. */
export interface ContainerInfo {
  readonly kind: ContainerKind;
  /** Name of the image, where it can be known from inside: podman says it, and of apptainer it is the file's name. */
  readonly image: string | null;
  readonly image_id: string | null;
}

/** Where to look. */
export interface ContainerOptions {
  /** @default the environment of the process */
  readonly env?: NodeJS.ProcessEnv;
  /** The folder that stands for `/`. @default '/' */
  readonly root?: string;
}

/** The container that the program runs in; null if it seems to run in none. */
export function readContainer(options: ContainerOptions = {}): ContainerInfo | null {
  const { env = process.env, root = '/' } = options;
  const kind = containerKind(options);
  if (kind === null) return null;
  const file = env['APPTAINER_CONTAINER'] ?? env['SINGULARITY_CONTAINER'];
  if (file !== undefined) return { kind, image: redactSecrets(basename(file)), image_id: null };
  const description = kind === 'podman' ? readText(join(root, 'run/.containerenv')) : '';
  const image = /^image="(.+)"$/m.exec(description)?.[1];
  return {
    kind,
    image: image === undefined ? null : redactSecrets(image),
    image_id: /^imageid="([0-9a-f]+)"$/m.exec(description)?.[1] ?? null,
  };
}

/** The kind of container that the program runs in; null if it seems to run in none. */
export function containerKind({
  env = process.env,
  root = '/',
}: ContainerOptions = {}): ContainerKind | null {
  if (env['APPTAINER_CONTAINER'] !== undefined) return 'apptainer';
  if (env['SINGULARITY_CONTAINER'] !== undefined) return 'singularity';
  if (env['KUBERNETES_SERVICE_HOST'] !== undefined) return 'kubernetes';
  if (existsSync(join(root, 'run/.containerenv'))) return 'podman';
  if (existsSync(join(root, '.dockerenv'))) return 'docker';
  const groups = readText(join(root, 'proc/self/cgroup'));
  if (groups.includes('/kubepods')) return 'kubernetes';
  if (groups.includes('/libpod')) return 'podman';
  return groups.includes('/docker') ? 'docker' : null;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
