import { basename } from 'node:path';

/** The parts of a wheel's file name: https://packaging.python.org/en/latest/specifications/binary-distribution-format/ */
export interface WheelName {
  /** Such as `tensorflow_cpu`. */
  readonly distribution: string;
  readonly version: string;
  readonly python: string;
  readonly abi: string;
  /** Such as `manylinux_2_17_x86_64` and `manylinux2014_x86_64`. */
  readonly platforms: readonly string[];
}

/** Reads a wheel's file name; undefined if it is none. */
export function parseWheelName(path: string): WheelName | undefined {
  const name = basename(path);
  if (!name.endsWith('.whl')) return undefined;
  const parts = name.slice(0, -'.whl'.length).split('-');
  // A build number may stand third.
  if (parts.length === 6) parts.splice(2, 1);
  const [distribution, version, python, abi, platforms, ...more] = parts;
  if (!distribution || !version || !python || !abi || !platforms || more.length > 0)
    return undefined;
  return { distribution, version, python, abi, platforms: platforms.split('.') };
}

/** Whether a wheel's libraries run on Linux on a processor, as Node names it. */
export function isForLinux({ platforms }: WheelName, arch: string): boolean {
  const machine = { x64: 'x86_64', arm64: 'aarch64' }[arch];
  return platforms.some((each) => /^manylinux/.test(each) && each.endsWith(`_${machine}`));
}
