import { UsageError } from '@pixelis/core';
import type { NativeVariant } from '@pixelis/native';
import { PINNED_INSTALLATIONS, type PinnedWheel } from './pinned-wheels';
import { isForLinux, parseWheelName, type WheelName } from './wheel-name';

/** What the user asks for. */
export interface InstallationRequest {
  readonly variant: NativeVariant;
  readonly version?: string | undefined;
  /** TensorFlow's wheel, fetched before. */
  readonly wheel?: string | undefined;
  readonly sha256?: string | undefined;
}

/** A wheel that is to be unpacked. */
export interface PlannedWheel extends PinnedWheel {
  /** Where it is already; undefined: it is to be fetched. */
  readonly path?: string | undefined;
}

/** What will be installed. */
export interface InstallationPlan {
  readonly variant: NativeVariant;
  readonly version: string;
  /** TensorFlow's first, then those of CUDA. */
  readonly wheels: readonly PlannedWheel[];
  readonly unpackedBytes: number;
}

const SHA256 = /^[0-9a-f]{64}$/;
/** Where a wheel is not in the table: what the largest known one unpacks to. */
const UNKNOWN_UNPACKED_BYTES = 900_000_000;

/** The versions that are pinned for a variant on a processor, newest first. */
export function pinnedVersions(variant: NativeVariant, arch: string = process.arch): string[] {
  return PINNED_INSTALLATIONS.filter((each) => each.variant === variant && each.arch === arch).map(
    ({ version }) => version,
  );
}

/**
 * Decides which wheels make the installation that is asked for.
 *
 * @throws {UsageError} `VERSION_UNKNOWN` if the version is not pinned, `WHEEL_UNSUITABLE` if a given wheel is none of TensorFlow
 * for this variant and machine, `SHA256_MISSING` or `SHA256_INVALID` if its hash is not known or no hash.
 */
export function planInstallation(
  request: InstallationRequest,
  arch: string = process.arch,
): InstallationPlan {
  const { variant, wheel, sha256 } = request;
  if (sha256 !== undefined && !SHA256.test(sha256)) {
    throw new UsageError(`--sha256 ${sha256} is no SHA-256`, {
      code: 'SHA256_INVALID',
      remedy: 'give 64 lower-case hex digits, as sha256sum prints them',
    });
  }
  if (wheel !== undefined) return planGivenWheel({ ...request, wheel }, arch);
  if (sha256 !== undefined) {
    throw new UsageError('--sha256 is given without --wheel', {
      code: 'SHA256_UNUSED',
      remedy: 'leave it out: a wheel that is fetched is checked against the hash that is pinned',
    });
  }
  const versions = pinnedVersions(variant, arch);
  const version = request.version ?? versions[0];
  const pinned = findPinned({ variant, version, arch });
  if (pinned === undefined || version === undefined) {
    throw versionUnknown(variant, { version, versions, arch });
  }
  const wheels = [pinned.tensorflow, ...pinned.cuda];
  return { variant, version, wheels, unpackedBytes: pinned.unpackedBytes };
}

function planGivenWheel(
  { variant, version, wheel, sha256 }: InstallationRequest & { readonly wheel: string },
  arch: string,
): InstallationPlan {
  const name = parseWheelName(wheel);
  if (name === undefined) throw unsuitable(wheel, 'its name is not that of a wheel');
  requireTensorflow(wheel, { name, variant, arch });
  if (version !== undefined && version !== name.version) {
    throw unsuitable(wheel, `it is version ${name.version}, not ${version}`);
  }
  const pinned = findPinned({ variant, version: name.version, arch });
  if (pinned === undefined && variant === 'gpu') {
    throw versionUnknown(variant, {
      version: name.version,
      versions: pinnedVersions(variant, arch),
      arch,
    });
  }
  const file = wheel.split(/[\\/]/).at(-1) ?? wheel;
  const known = pinned?.tensorflow.file === file ? pinned.tensorflow.sha256 : undefined;
  const expected = sha256 ?? known;
  if (expected === undefined) {
    throw new UsageError(`the hash of ${file} is not pinned`, {
      code: 'SHA256_MISSING',
      remedy: `give the hash that its publisher states: --sha256 HEX`,
    });
  }
  return {
    variant,
    version: name.version,
    wheels: [{ file, sha256: expected, bytes: 0, path: wheel }, ...(pinned?.cuda ?? [])],
    unpackedBytes: pinned?.unpackedBytes ?? UNKNOWN_UNPACKED_BYTES,
  };
}

interface WheelUse {
  readonly name: WheelName;
  readonly variant: NativeVariant;
  readonly arch: string;
}

function requireTensorflow(wheel: string, { name, variant, arch }: WheelUse): void {
  const suitable = variant === 'gpu' ? ['tensorflow'] : ['tensorflow_cpu', 'tensorflow'];
  if (!suitable.includes(name.distribution)) {
    throw unsuitable(wheel, `variant ${variant} needs one of ${suitable.join(' or ')}`);
  }
  if (!isForLinux(name, arch)) {
    throw unsuitable(
      wheel,
      `it is made for ${name.platforms.join(', ')}, not for Linux on ${arch}`,
    );
  }
}

function findPinned(wanted: { variant: string; version: string | undefined; arch: string }) {
  return PINNED_INSTALLATIONS.find(
    ({ variant, version, arch }) =>
      variant === wanted.variant && version === wanted.version && arch === wanted.arch,
  );
}

function unsuitable(wheel: string, problem: string): UsageError {
  return new UsageError(`the wheel ${wheel} does not suit: ${problem}`, {
    code: 'WHEEL_UNSUITABLE',
    remedy:
      'give the wheel of tensorflow_cpu (cpu) or tensorflow (gpu) for this machine, under the name it was published by',
  });
}

function versionUnknown(
  variant: NativeVariant,
  { version, versions, arch }: { version: string | undefined; versions: string[]; arch: string },
): UsageError {
  const what = version === undefined ? 'any version of TensorFlow' : `TensorFlow ${version}`;
  return new UsageError(`no wheel of ${what} (${variant}) is pinned for Linux on ${arch}`, {
    code: 'VERSION_UNKNOWN',
    remedy:
      versions.length === 0
        ? 'use --backend webgpu for a GPU, or --variant cpu'
        : `use --version ${versions.join(' or ')}${variant === 'cpu' ? ', or give --wheel FILE --sha256 HEX' : ''}`,
  });
}
